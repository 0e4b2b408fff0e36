"""compile_files.py TARGET: compiles the Python files whose paths, relative to here, come on stdin.

The environment's own Python runs this, whatever its version. TARGET is where the environment will be used: tracebacks
name files by it.
"""

import os
import py_compile
import sys

target = sys.argv[1]
for line in sys.stdin.buffer:
    path = os.fsdecode(line.rstrip(b"\n"))
    try:
        py_compile.compile(path, dfile=os.path.join(target, path), doraise=True)
    except (py_compile.PyCompileError, OSError, SyntaxError, UnicodeError):
        # Templates and files for other versions of Python lie among the others.
        pass
