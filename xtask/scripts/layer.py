"""Turns what a step adds to /opt/env into a layer of an image that is the same wherever and whenever it is made.

    layer.py list FILE               notes what is there, before the step
    layer.py finish FILE DIRECTORY   puts what was added since into a directory, which stands for the root of the image

Group 0 may change what is added, because the dev container runs in it.
"""

import json
import os
import shutil
import stat
import struct
import subprocess
import sys

ENVIRONMENT = "/opt/env"
# Of the system's zip tools, some know no time before 1980; of the others, it only matters that it is always the same.
TIME = 1577836800
# Parts of Python's library that nobody runs.
UNUSED = ("/test/", "/tests/", "/idlelib/", "/lib2to3/")
# How uv keeps two of its kind apart.
LOCK = "/opt/env/.lock"
# Written once more when all layers are there.
OF_ALL_LAYERS = ("conda-meta/history", "conda-meta/xtask")


def main():
    if sys.argv[1] == "list":
        with open(sys.argv[2], "w") as file:
            json.dump({path: identity(path) for path in paths()}, file)
        return
    with open(sys.argv[2]) as file:
        before = json.load(file)
    now = {path: identity(path) for path in paths()}
    lost = sorted(set(before) - set(now))
    if lost:
        sys.exit("a package of this layer has removed a file of another one: " + lost[0])
    added = sorted(path for path in now if now[path] != before.get(path) and not is_of_all_layers(path, before))
    share(added)
    set_times(path for path in added if path.endswith(".py"))
    compiled = compile_sources(added)
    share(compiled)
    set_times(path for path in added + compiled if not path.endswith(".py"))
    put(added + compiled, sys.argv[3])


def paths():
    """All that is no directory and belongs to the environment."""
    for folder, folder_names, names in os.walk(ENVIRONMENT):
        links = [name for name in folder_names if os.path.islink(os.path.join(folder, name))]
        for path in (os.path.join(folder, name) for name in names + links):
            if path != LOCK:
                yield path


def folders(root):
    """The innermost first, because what is put into a directory changes its time."""
    return [folder for folder, _, _ in os.walk(root, topdown=False)]


def identity(path):
    found = os.lstat(path)
    return [found.st_ino, found.st_ctime_ns]


def is_of_all_layers(path, before):
    return path in before and os.path.relpath(path, ENVIRONMENT) in OF_ALL_LAYERS


def share(added):
    for path in [path for path in added if not os.path.islink(path)] + folders(ENVIRONMENT):
        mode = stat.S_IMODE(os.stat(path).st_mode)
        shared = mode & ~0o070 | (mode & 0o700) >> 3
        if shared != mode:
            os.chmod(path, shared)


def set_times(added):
    for path in added:
        time = time_in_bytecode(path) if path.endswith(".py") else TIME
        os.utime(path, (time, time), follow_symlinks=False)


def bytecode(path):
    """The bytecode that lies beside a source."""
    folder, name = os.path.split(path)
    cache = os.path.join(folder, "__pycache__")
    try:
        names = os.listdir(cache)
    except OSError:
        return []
    return [os.path.join(cache, it) for it in sorted(names) if it.startswith(name[:-2]) and it.endswith(".pyc")]


def time_in_bytecode(path):
    """The time that a source must have for the bytecode that its package brings (PEP 552)."""
    for compiled in bytecode(path):
        with open(compiled, "rb") as file:
            header = file.read(16)
        if len(header) == 16:
            flags, time = struct.unpack("<II", header[4:12])
            if flags == 0:
                return time
    return TIME


def compile_sources(added):
    """Compiles what brings no bytecode, because nobody can save it in a container, and tells what came of it."""
    of_conda = files_of_conda()
    sources = [path for path in added if is_module(path, of_conda) and not bytecode(path)]
    python = os.path.join(ENVIRONMENT, "bin/python")
    if not sources or not os.path.exists(python):
        return []
    program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "compile.py")
    # Sets come in the same order always, which is part of the bytecode.
    environment = dict(os.environ, PYTHONHASHSEED="0")
    environment.pop("SOURCE_DATE_EPOCH", None)
    subprocess.run([python, "-S", program], input="\n".join(sources), text=True, check=True, env=environment)
    return [compiled for path in sources for compiled in bytecode(path)]


def is_module(path, of_conda):
    if not path.endswith(".py") or "/lib/python" not in path or os.path.islink(path):
        return False
    if "/site-packages/" in path:
        # conda's installer has compiled its own.
        return path not in of_conda
    return not any(folder in path for folder in UNUSED)


def files_of_conda():
    metadata = os.path.join(ENVIRONMENT, "conda-meta")
    found = set()
    for name in os.listdir(metadata) if os.path.isdir(metadata) else []:
        if name.endswith(".json"):
            with open(os.path.join(metadata, name)) as file:
                found.update(os.path.join(ENVIRONMENT, it) for it in json.load(file).get("files", []))
    return found


def put(added, directory):
    for path in added:
        target = directory + path
        os.makedirs(os.path.dirname(target), exist_ok=True)
        try:
            os.link(path, target, follow_symlinks=False)
        except OSError:
            # It is on another file system.
            shutil.copy2(path, target, follow_symlinks=False)
    for folder in folders(directory):
        source = folder[len(directory) :] or "/"
        shutil.copymode(source, folder)
        os.utime(folder, (TIME, TIME))


main()
