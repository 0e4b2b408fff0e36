"""The record that a run leaves behind."""

import json
import os
import platform
import shutil
import subprocess
from importlib.metadata import distributions
from pathlib import Path
from typing import Any


def write_result(
    run_dir: Path, config: dict[str, Any], metrics: dict[str, float]
) -> Path:
    """Write what was run, what came out, and with which versions; return the path."""
    result = {
        "config": config,
        "seed": config["seed"],
        "metrics": metrics,
        "commit": commit(),
        "python": platform.python_version(),
        "packages": installed_packages(),
    }
    path = run_dir / "result.json"
    path.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return path


def commit() -> str | None:
    """Return the code's commit, with `-dirty` if it was changed since, if known."""
    given = os.environ.get("GIT_COMMIT")
    # The runtime image has no git: `cargo xtask run` has asked it.
    if given or not shutil.which("git"):
        return given
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--exclude=*", "--abbrev=40"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return described.stdout.strip() or None


def installed_packages() -> dict[str, str]:
    """Return the version of every package that can be imported, by name."""
    found = distributions()
    # An interrupted installation leaves packages without a name.
    versions = {package.name: package.version for package in found if package.name}
    return dict(sorted(versions.items()))
