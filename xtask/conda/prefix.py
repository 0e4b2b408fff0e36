"""What an environment says of itself in conda-meta."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from protocol import Failure


@dataclass
class Installed:
    """One package in the environment: the file that describes it, and what that says."""

    path: Path
    data: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.data["name"])

    @property
    def stem(self) -> str:
        """NAME-VERSION-BUILD"""
        return f"{self.data['name']}-{self.data['version']}-{self.data['build']}"

    @property
    def subdir(self) -> str:
        return str(self.data["url"].rsplit("/", 2)[1])

    @property
    def is_finished(self) -> bool:
        """py-rattler leaves the package's place in the cache in here; we take it out as the last step."""
        return "extracted_package_dir" not in self.data

    @property
    def files(self) -> list[str]:
        return list(self.data.get("files", []))

    @property
    def is_noarch_python(self) -> bool:
        return self.data.get("noarch") == "python"

    def script(self, when: str) -> str | None:
        path = f"bin/.{self.name}-{when}.sh"
        return path if path in self.files else None

    def save(self) -> None:
        write(self.path, json.dumps(self.data, indent=2, sort_keys=True) + "\n")


@dataclass(frozen=True)
class Prefix:
    path: Path

    @property
    def metadata(self) -> Path:
        return self.path / "conda-meta"

    def installed(self) -> dict[str, Installed]:
        found = {}
        for path in sorted(self.metadata.glob("*.json")):
            try:
                package = Installed(path, json.loads(path.read_text()))
                found[package.name] = package
            except (ValueError, KeyError):
                raise Failure("other", f"{path} is damaged: remove the environment and make it anew") from None
        return found

    def remembered(self) -> dict[str, Any]:
        """What the environment was made from."""
        try:
            data: dict[str, Any] = json.loads((self.metadata / "xtask").read_text())
            return data
        except FileNotFoundError:
            return {}

    def remember(self, data: dict[str, Any]) -> None:
        write(self.metadata / "xtask", json.dumps(data, indent=2, sort_keys=True) + "\n")

    @property
    def python(self) -> Path:
        return self.path / "bin" / "python"


def write(path: Path, text: str) -> None:
    """Replaces the file as a whole, or leaves it as it was."""
    if path.exists() and path.read_text() == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(text)
    draft.replace(path)
