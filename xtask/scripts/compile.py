"""Compiles the Python files whose paths come on stdin, a line each, on all processors; the environment's own Python runs this.

What is no Python for this version is left as it is: templates lie among the others.
"""

import sys
from compileall import compile_file
from concurrent.futures import ProcessPoolExecutor
from functools import partial

if __name__ == "__main__":
    paths = sys.stdin.read().splitlines()
    with ProcessPoolExecutor() as pool:
        list(pool.map(partial(compile_file, quiet=2), paths, chunksize=16))
