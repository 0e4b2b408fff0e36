"""Scripts that packages bring to be run when they are linked or removed. They run where a person has allowed it."""

from __future__ import annotations

import os
import subprocess

from children import started
from prefix import Installed, Prefix
from protocol import Failure


def run(prefix: Prefix, package: Installed, when: str) -> None:
    """Runs `post-link` or `pre-unlink` as conda does."""
    script = package.script(when)
    assert script
    process = subprocess.Popen(
        ["bash", str(prefix.path / script)],
        cwd=prefix.path,
        env={
            # Without what lets this program find py-rattler.
            **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            "PREFIX": str(prefix.path),
            "PKG_NAME": package.name,
            "PKG_VERSION": str(package.data["version"]),
            "PKG_BUILDNUM": str(package.data["build_number"]),
            "PATH": f"{prefix.path / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    with started([process]):
        output, _ = process.communicate()
    if process.returncode != 0:
        said = output.decode(errors="replace").strip()
        raise Failure("scripts", f"the {when} script of {package.name} failed ({process.returncode}): {said}")
