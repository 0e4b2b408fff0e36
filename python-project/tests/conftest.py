"""What the tests share: starting the experiment the way a user does."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

StartMain = Callable[..., "subprocess.Popen[str]"]
RunMain = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def outputs_dir(tmp_path: Path) -> Path:
    """A directory for the outputs of one test; the first run creates it."""
    return tmp_path / "outputs"


@pytest.fixture
def working_dir(tmp_path: Path) -> Path:
    """An empty directory to start the experiment from."""
    path = tmp_path / "working"
    path.mkdir()
    return path


@pytest.fixture
def start_main(outputs_dir: Path, working_dir: Path) -> StartMain:
    """Start the experiment with arguments, without waiting for it to end."""

    def start(*arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "template_package.main", *arguments],
            cwd=working_dir,
            env={**os.environ, "OUTPUTS_DIR": str(outputs_dir)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


@pytest.fixture
def run_main(start_main: StartMain) -> RunMain:
    """Run the experiment with arguments to its end."""

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        process = start_main(*arguments)
        stdout, stderr = process.communicate()
        return subprocess.CompletedProcess(
            process.args, process.returncode, stdout, stderr
        )

    return run
