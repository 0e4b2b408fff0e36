"""The record that a run leaves behind."""

import json
import platform
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
        "python": platform.python_version(),
        "packages": installed_packages(),
    }
    path = run_dir / "result.json"
    path.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return path


def installed_packages() -> dict[str, str]:
    """Return the version of every package that can be imported, by name."""
    found = distributions()
    # An interrupted installation leaves packages without a name.
    versions = {package.name: package.version for package in found if package.name}
    return dict(sorted(versions.items()))
