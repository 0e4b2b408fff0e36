"""Prints as JSON what the torch of this environment was compiled for: its version, CUDA's, and the architectures.

Reads its files, because to import it takes seconds. Prints nothing where there is no torch, or one without CUDA.
"""

import importlib.util
import json
import mmap
import os
import re
import runpy

# How PyTorch tells its own Python module, which has no other such words, what it was compiled for.
ARCHITECTURES = re.compile(rb"(?:sm|compute)_[0-9]+[af]?(?: (?:sm|compute)_[0-9]+[af]?)*")


def main():
    spec = importlib.util.find_spec("torch")
    for folder in (spec and spec.submodule_search_locations) or []:
        version = runpy.run_path(os.path.join(folder, "version.py"))
        if version.get("cuda"):
            found = architectures(os.path.join(folder, "lib", "libtorch_python.so"))
            print(json.dumps({"torch": version["__version__"], "cuda": version["cuda"], "architectures": found}))


def architectures(path):
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        found = [match.group().decode() for match in ARCHITECTURES.finditer(data)]
    return max(found, key=len, default="").split()


main()
