"""Bytecode for packages that bring none, compiled in parallel by the environment's own Python."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from children import started
from prefix import Installed, Prefix

_PROGRAM = Path(__file__).with_name("compile_files.py")
_SOURCE = re.compile(r"^lib/python[\d.]+t?/site-packages/.*\.py$")


def compile_packages(prefix: Prefix, target: Path, packages: list[Installed]) -> None:
    """Compiles, and adds what came of it to the files of each package."""
    lacking = [package for package in packages if package.is_noarch_python and not _brings_bytecode(package)]
    sources = {package.name: [path for path in package.files if _SOURCE.match(path)] for package in lacking}
    paths = [path for each in sources.values() for path in each]
    tag = _cache_tag(prefix) if paths else None
    if tag is None:
        return
    _compile(prefix, target, paths)
    for package in lacking:
        compiled = [_compiled(path, tag) for path in sources[package.name]]
        _add(package, [path for path in compiled if (prefix.path / path).exists()])


def _brings_bytecode(package: Installed) -> bool:
    return any(path.endswith(".pyc") for path in package.files)


def _cache_tag(prefix: Prefix) -> str | None:
    """Python's name for its bytecode, or nothing where that Python cannot run."""
    command = [str(prefix.python), "-S", "-c", "import sys; print(sys.implementation.cache_tag)"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=True, env=_environment())
    except (OSError, subprocess.CalledProcessError):
        return None
    return answer.stdout.strip()


def _compile(prefix: Prefix, target: Path, paths: list[str]) -> None:
    # The largest first, dealt out in turns, so that all are done at the same time.
    by_size = sorted(paths, key=lambda path: (prefix.path / path).stat().st_size, reverse=True)
    workers = min(_processors(), len(paths))
    with started(
        [
            subprocess.Popen(
                [str(prefix.python), "-S", str(_PROGRAM), str(target)],
                cwd=prefix.path,
                env=_environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            for _ in range(workers)
        ]
    ) as processes:
        for number, process in enumerate(processes):
            assert process.stdin
            with process.stdin as pipe:
                pipe.write(b"".join(os.fsencode(path) + b"\n" for path in by_size[number::workers]))
        for process in processes:
            process.wait()


def _environment() -> dict[str, str]:
    """Nothing that changes how Python starts; and sets in the same order always, which is part of the bytecode."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {**inherited, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}


def _processors() -> int:
    # Not all that the machine has, where this process may use fewer.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _compiled(source: str, tag: str) -> str:
    folder, _, name = source.rpartition("/")
    return f"{folder}/__pycache__/{name.removesuffix('.py')}.{tag}.pyc"


def _add(package: Installed, paths: list[str]) -> None:
    package.data["files"] = package.files + paths
    package.data["paths_data"]["paths"] += [{"_path": path, "path_type": "pyc_file"} for path in paths]
