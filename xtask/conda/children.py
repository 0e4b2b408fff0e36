"""Processes that end with this one."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

_running: list[subprocess.Popen[bytes]] = []


@contextmanager
def started(processes: list[subprocess.Popen[bytes]]) -> Iterator[list[subprocess.Popen[bytes]]]:
    _running.extend(processes)
    try:
        yield processes
    finally:
        for process in processes:
            _running.remove(process)


def leave_at_once(number: int, _frame: FrameType | None) -> NoReturn:
    """A signal ends us and ours: threads of py-rattler would not notice it."""
    for process in _running:
        process.kill()
    os._exit(128 + number)
