"""Solves, installs, changes and describes conda environments: `python3 conda solve|install|describe|conda …`."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from children import leave_at_once
from network import use_certificates
from protocol import Failure, describe_request, install_request, read_request, solve_request, write_answer


def main() -> int:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave_at_once)
    use_certificates()
    # Each verb loads what it needs: a small solve takes no longer than the loading of everything.
    match sys.argv[1:]:
        case ["solve", *files] if len(files) < 2:
            from solving import solve

            return _serve(lambda: solve(solve_request(read_request(*files))))
        case ["describe", *files] if len(files) < 2:
            from describing import describe

            return _serve(lambda: describe(describe_request(read_request(*files))))
        case ["install", "--plain", file]:
            from installing import install

            return _tell(lambda: install(install_request(read_request(file))))
        case ["install", *files] if len(files) < 2:
            from installing import install

            return _serve(lambda: install(install_request(read_request(*files))))
        case ["conda", *arguments]:
            return _help_a_person(arguments)
    print("usage: python3 conda solve|install|describe|conda …", file=sys.stderr)
    return 2


def _serve(work: Callable[[], Coroutine[Any, Any, dict[str, Any]]]) -> int:
    try:
        write_answer(asyncio.run(work()))
        return 0
    except Failure as failure:
        write_answer(failure.answer())
    except Exception as error:
        # Whoever reads answers gets one, also for what nobody thought of.
        write_answer(Failure("other", f"{type(error).__name__}: {error}").answer())
    return 1


def _tell(work: Callable[[], Coroutine[Any, Any, dict[str, Any]]]) -> int:
    """For people instead of programs: nothing where all is well."""
    try:
        answer = asyncio.run(work())
    except Failure as failure:
        print(f"conda's packages were not installed: {failure.message}", file=sys.stderr)
        return 1
    for name in answer["scripts_not_run"]:
        print(
            f"warning: the post-link script of `{name}` was not run; `link-scripts` of `[tool.xtask]` in pyproject.toml allows it",
            file=sys.stderr,
        )
    return 0


def _help_a_person(arguments: list[str]) -> int:
    from command import conda, say

    try:
        return asyncio.run(conda(arguments))
    except Failure as failure:
        say(failure)
    except SystemExit as leaving:
        return int(leaving.code or 0)
    except OSError as error:
        say(Failure("other", str(error)))
    return 1


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads of py-rattler may still run, and have crashed at an ordinary exit.
    os._exit(code)
