"""Measures the way of conda's packages, and writes conda.md beside this file.

    PYTHONPATH=… python3 benchmarks/conda.py [--pairs N] [--only FIGURE]… [--before COMMIT]

PYTHONPATH holds py-rattler. Images are built on BASE_IMAGE, as `cargo xtask build` does, from copies of commits.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent
ENGINE = REPOSITORY / "installation" / "conda"
CHANNEL = REPOSITORY / "xtask" / "tests" / "channel"
WORK = REPOSITORY / "target" / "xtask" / "bench-conda"

RECORDS = 150_000
# All of them have the label of their base image, by which they are removed.
LABEL = "xtask.bench=conda"
IMAGES = "xtask-bench/conda"
BASE_IMAGE = os.environ.get("BASE_IMAGE", "ubuntu:24.04")

SMALL = ["python", "numpy", "libdemo", "demotool"]
INSTALLED = ["python=3.11", "numpy", "pip", "setuptools", "wheel", "demotool", "markupsafe", "conda-pluggy", "steady"]
IN_IMAGE = ["python=3.11", "numpy", "pip", "setuptools", "wheel", "demotool", "markupsafe"]
ADDED = "conda-pluggy"
UV_ONLY = "dependencies:\n  - python\n  - pip:\n      - numpy\n      - tqdm\n"

HEADER = f"""\
# conda's packages, measured

Written by `benchmarks/conda.py`; do not edit. Control and ours are done in turn, after one of each that is not counted;
what is prepared before each is not timed. A time is that of the whole process. A ratio is that of a pair, ours/control,
so that other work on the machine slows down both. Given are the medians, and of ratios the smallest and the largest in
brackets. The channels are those of `xtask/tests/channel/`: one is small, one has {RECORDS:,} records and no packages.
"""


@dataclass(frozen=True)
class Row:
    """One figure, in pairs of control and ours."""

    figure: str
    control: str
    pairs: list[tuple[float, float]]
    aim: float | None = None
    unit: str = "s"
    # Not a ratio, but what ours may be at most.
    is_absolute: bool = False

    def __str__(self) -> str:
        control, ours = (statistics.median(side) for side in zip(*self.pairs, strict=True))
        ratios = [ours / control for control, ours in self.pairs]
        ratio = statistics.median(ratios)
        cells = [
            self.figure,
            self.control,
            f"{control:.2f} {self.unit}",
            f"{ours:.2f} {self.unit}",
            f"{ratio:.2f} ({min(ratios):.2f}–{max(ratios):.2f})",
        ]
        if self.aim is None:
            return "| " + " | ".join([*cells, "none", ""]) + " |"
        aim = f"{self.aim:g} {self.unit}" if self.is_absolute else f"{self.aim:g}"
        met = (ours if self.is_absolute else ratio) <= self.aim
        return "| " + " | ".join([*cells, f"at most {aim}", "met" if met else "**missed**"]) + " |"


@dataclass(frozen=True)
class Done:
    seconds: float
    peak_gb: float
    output: str


def run(command: list[Any], directory: Path = REPOSITORY, **variables: str) -> Done:
    """Runs a command, which has to succeed."""
    with tempfile.TemporaryFile("w+") as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            [str(word) for word in command],
            cwd=directory,
            env={**os.environ, **variables},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read()
    if process.returncode != 0:
        sys.exit(f"error: {' '.join(process.args)} ended with {process.returncode}:\n{text[-3000:]}")  # type: ignore[arg-type]
    # Linux counts in KiB, macOS in bytes.
    return Done(seconds, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e9, text)


def in_turn(count: int, measure: Callable[[str], list[float]]) -> list[list[tuple[float, float]]]:
    """The pairs of each figure that a side, `control` or `ours`, gives at a time."""
    turns = [(measure("control"), measure("ours")) for _ in range(count + 1)]
    return [[(control[figure], ours[figure]) for control, ours in turns[1:]] for figure in range(len(turns[0][0]))]


@contextmanager
def served(*hosts: str) -> Iterator[str]:
    """The address of the channels."""
    command = [sys.executable, str(CHANNEL), "serve", str(WORK / "channels"), *(f"--host={host}" for host in hosts)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin and server.stdout
        yield server.stdout.readline().strip()
        server.stdin.close()


def make_channels() -> None:
    run([sys.executable, CHANNEL, "make", WORK / "channels", "--wheels", REPOSITORY / "target/channel/wheels"])
    run([sys.executable, CHANNEL, "make", WORK / "channels", "--big", RECORDS])


def request(side: str, channel: str, specs: list[str], **more: Any) -> Path:
    """A file for either side: both have a cache of their own."""
    content = {
        "platform": "linux-64",
        "channels": [channel],
        "virtual_packages": [{"name": "__glibc", "version": "2.36", "build": "0"}],
        "cache": str(WORK / side),
        **({"requested": specs} if "packages" in more else {"specs": specs}),
        **more,
    }
    file = WORK / f"{side}.json"
    file.write_text(json.dumps(content))
    return file


def solve(side: str, channel: str, specs: list[str]) -> Done:
    program = [ENGINE, "solve"] if side == "ours" else [HERE / "control" / "solve.py"]
    return run([sys.executable, *program, request(side, channel, specs)])


def solving(pairs: int, channel: str, specs: list[str], what: str, aim: float | None) -> Iterator[Row]:
    def cold(side: str) -> list[float]:
        shutil.rmtree(WORK / side, ignore_errors=True)
        return warm(side)

    def warm(side: str) -> list[float]:
        return [solve(side, channel, specs).seconds]

    for measure in (cold, warm):
        (found,) = in_turn(pairs, measure)
        yield Row(f"solve {what}, {measure.__name__}", "one call of py-rattler", found, aim)


def solving_big(pairs: int) -> Iterator[Row]:
    names = [f"p{number}" for number in range(7000, 7074)]
    with served("127.0.0.1") as address:
        yield from solving(pairs, f"{address}/big", names, f"{len(names)} packages of {RECORDS:,} records", 1.2)


def solving_small(pairs: int) -> Iterator[Row]:
    with served("127.0.0.1") as address:
        yield from solving(pairs, f"{address}/lab", SMALL, f"{len(SMALL)} packages of the small channel", None)


def memory(pairs: int) -> Iterator[Row]:
    names = [f"p{number}" for number in range(3847)]
    with served("127.0.0.1") as address:
        channel = f"{address}/big"
        (found,) = in_turn(pairs, lambda side: [solve(side, channel, names).peak_gb])
    yield Row(f"peak memory, solve {len(names):,} packages", "one call of py-rattler", found, 1.0, "GB", True)


def installing(pairs: int) -> Iterator[Row]:
    finished, fresh = WORK / "finished", WORK / "fresh"
    with served("127.0.0.1") as address:
        channel = f"{address}/lab"
        packages = json.loads(solve("ours", channel, INSTALLED).output)["packages"]
        lines = [f"{package['url']}#sha256:{package['sha256']}" for package in packages]

        def install(prefix: Path) -> list[float]:
            file = request("ours", channel, INSTALLED, packages=lines, prefix=str(prefix), copy=True)
            return [run([sys.executable, ENGINE, "install", file]).seconds]

        install(finished)
        folder, others = _not_compiled(finished)

        def make(side: str) -> list[float]:
            shutil.rmtree(fresh, ignore_errors=True)
            os.sync()
            if side == "ours":
                return install(fresh)
            compileall = f"{fresh}/bin/python -m compileall -q -f -j0 -x '{others}' {fresh / folder}"
            return [run(["sh", "-c", f"cp -a {finished} {fresh} && {compileall}"]).seconds]

        (found,) = in_turn(pairs, make)
    yield Row(f"install {len(lines)} packages from a lock", "`cp -a`, then `compileall -j0`", found, 1.3)


def _not_compiled(prefix: Path) -> tuple[Path, str]:
    """Where an installation compiles, and a pattern of what it leaves there as it is."""
    records = [json.loads(file.read_text()) for file in (prefix / "conda-meta").glob("*.json")]
    paths = [path for record in records for path in record["paths_data"]["paths"]]
    compiled = [Path(path["_path"]) for path in paths if path.get("path_type") == "pyc_file"]
    folder = Path(*compiled[0].parts[:3])
    # compileall is parallel in folders only, not in lists of files.
    others = {path.name for path in (prefix / folder).iterdir()} - {path.parts[3] for path in compiled}
    return folder, f"{folder}/({'|'.join(map(re.escape, sorted(others)))})(/|$)"


class Copy:
    """A copy of a commit, with its program and an image of its own."""

    def __init__(self, name: str, commit: str) -> None:
        self.root = WORK / name
        self._image = f"{IMAGES}-{name}"
        shutil.rmtree(self.root, ignore_errors=True)
        self.root.mkdir(parents=True)
        archive = self.root.with_suffix(".tar")
        run(["git", "archive", "--output", archive, commit])
        # As new files, so that cargo does not take its last build of another commit for this one.
        run(["tar", "xmf", archive, "-C", self.root])
        # apt's caches are locked while a step uses them: with shared ones, a build would wait for other builds.
        dockerfile = self.root / "installation/docker-amd64/Dockerfile"
        dockerfile.write_text(dockerfile.read_text().replace("id=apt-", "id=bench-apt-"))
        target = REPOSITORY / "target" / f"bench-conda-{name}"
        run(["cargo", "build", "--quiet", "--locked", "--package", "xtask", "--target-dir", target], self.root)
        self._program = target / "debug" / "xtask"

    def write(self, path: str, text: str) -> None:
        (self.root / path).write_text(text)

    def xtask(self, *arguments: str) -> Done:
        return run(
            [self._program, *arguments],
            self.root,
            ENGINE="docker",
            BASE_IMAGE=f"{self._image}-base",
            IMAGE_NAME=self._image,
            COMPOSE_PROJECT_NAME=f"bench-conda-{self.root.name}",
        )

    def new_base(self) -> None:
        """A base image that no build has started from yet: the layers are cold then, and the packages are not."""
        context = WORK / "base"
        context.mkdir(exist_ok=True)
        (context / "Dockerfile").write_text(f"FROM {BASE_IMAGE}\nRUN echo {time.time_ns()} >/etc/bench\n")
        run(["docker", "buildx", "build", "--load", "--label", LABEL, "--tag", f"{self._image}-base", context])


def one_more_package(pairs: int) -> Iterator[Row]:
    gateway = run(["docker", "network", "inspect", "bridge", "--format", "{{(index .IPAM.Config 0).Gateway}}"])
    with served(gateway.output.strip()) as address:
        copy = Copy("ours", "HEAD")
        copy.new_base()
        pyproject = (copy.root / "python-project/pyproject.toml").read_text()
        turn = itertools.count()

        def ask(packages: list[str]) -> None:
            asked = "".join(f"  - {package}\n" for package in packages)
            copy.write("dependencies/environment.yml", f"channels:\n  - {address}/lab\ndependencies:\n{asked}")

        def lock(packages: list[str]) -> tuple[str, Path]:
            ask(packages)
            copy.xtask("build")
            copy.xtask("freeze", "--from", "image")
            kept = WORK / f"lock-{len(packages)}"
            shutil.copytree(copy.root / "dependencies", kept)
            shutil.rmtree(copy.root / "dependencies" / "lock")
            return (kept / "environment.yml").read_text(), kept

        def restore(kept: Path) -> None:
            shutil.rmtree(copy.root / "dependencies")
            shutil.copytree(kept, copy.root / "dependencies")

        def build(step: str) -> list[float]:
            done = copy.xtask("build")
            return [done.seconds, _step(done.output, step)]

        frozen, base = lock(IN_IMAGE)
        _, whole = lock([*IN_IMAGE, ADDED])

        def build_anew() -> list[float]:
            # Where a script may run, all of conda's packages are one layer; its name is part of what that is made of.
            allowed = f'link-scripts = ["turn-{next(turn)}"]'
            copy.write("python-project/pyproject.toml", f"{pyproject}\n[tool.xtask]\n{allowed}\n")
            restore(whole)
            return build("prefix-conda 1/1")

        def build_one_more() -> list[float]:
            # On another base image, no layer has been made before.
            copy.new_base()
            copy.write("python-project/pyproject.toml", pyproject)
            restore(base)
            copy.xtask("build")
            copy.write("dependencies/environment.yml", f"{frozen}  - {ADDED}\n")
            return build("layer-2 1/1")

        builds, steps = in_turn(pairs, lambda side: build_anew() if side == "control" else build_one_more())
    yield Row("one more conda package, the step", "the step that makes the environment", steps, 0.2)
    yield Row("one more conda package, whole build", "build with the environment made anew", builds, 0.2)


def _step(log: str, name: str) -> float:
    """The seconds that a step took, in BuildKit's plain progress."""
    started = re.search(rf"^#(\d+) \[{re.escape(name)}\]", log, re.MULTILINE)
    assert started, f"the build did not come to `{name}`"
    done = re.search(rf"^#{started[1]} DONE ([\d.]+)s", log, re.MULTILINE)
    assert done, f"`{name}` was cached"
    return float(done[1])


def without_conda(pairs: int, before: str) -> Iterator[Row]:
    copies = {"control": Copy("before", before), "ours": Copy("ours", "HEAD")}
    for copy in copies.values():
        copy.write("dependencies/environment.yml", UV_ONLY)

    def build(side: str) -> list[float]:
        copies[side].new_base()
        first = copies[side].xtask("build").seconds
        # One of these is as short as what other work on the machine adds to it.
        return [first, statistics.median(copies[side].xtask("build").seconds for _ in range(15))]

    cold, again = in_turn(pairs, build)
    yield Row("build without conda packages, cold", f"the same at {before}", cold, 1.0)
    yield Row("build without conda packages, nothing changed", f"the same at {before}", again, 1.0)


def remove_images() -> None:
    listed = subprocess.run(
        ["docker", "images", "--quiet", "--no-trunc", "--filter", f"label={LABEL}"], capture_output=True, text=True
    )
    images = sorted(set(listed.stdout.split()))
    if images:
        subprocess.run(["docker", "image", "rm", "--force", *images], stdout=subprocess.DEVNULL)


def facts(pairs: int) -> Iterator[str]:
    processor = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    yield f"Date: {datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC"
    yield f"Processor: {processor[1] if processor else platform.machine()}, {os.cpu_count()} cores"
    yield f"Memory: {memory_gb:.0f} GB"
    yield f"Load before (1, 5, 15 minutes): {', '.join(f'{load:.2f}' for load in os.getloadavg())}"
    yield f"Python: {platform.python_version()}, py-rattler: {_rattler()}"
    yield f"Docker: {run(['docker', 'version', '--format', '{{.Server.Version}}']).output.strip()}"
    yield f"Commit: {run(['git', 'describe', '--always', '--dirty']).output.strip()}"
    yield f"Pairs: {pairs}"


def _rattler() -> str:
    return run([sys.executable, "-c", "import rattler; print(rattler.__version__)"]).output.strip()


def main() -> None:
    figures: dict[str, Callable[[int], Iterator[Row]]] = {
        "big": solving_big,
        "small": solving_small,
        "memory": memory,
        "install": installing,
        "one-more": one_more_package,
        "without-conda": lambda pairs: without_conda(pairs, arguments.before),
    }
    parser = argparse.ArgumentParser(prog="conda.py", description="Measures the way of conda's packages.")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--only", choices=figures, action="append", help="print this figure alone; repeatable")
    parser.add_argument("--before", default="c6e1353", help="the commit that builds without conda are compared with")
    arguments = parser.parse_args()

    with ExitStack() as at_the_end:
        shutil.rmtree(WORK, ignore_errors=True)
        at_the_end.callback(shutil.rmtree, WORK, ignore_errors=True)
        at_the_end.callback(remove_images)
        make_channels()
        machine = "".join(f"* {fact}\n" for fact in facts(arguments.pairs))
        table = "| figure | control | its median | ours | ratio | aim | |\n|---|---|---|---|---|---|---|\n"
        print(f"{machine}\n{table}", end="", flush=True)
        for name in arguments.only or figures:
            for row in figures[name](arguments.pairs):
                print(row, flush=True)
                table += f"{row}\n"
    if not arguments.only:
        (HERE / "conda.md").write_text(f"{HEADER}\n{machine}\n{table}")


if __name__ == "__main__":
    main()
