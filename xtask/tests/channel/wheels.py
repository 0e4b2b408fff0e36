"""The few distributions of the channel that are true ones: from PyPI, pinned by their digests, fetched once."""

import hashlib
import subprocess
import sys
from pathlib import Path

from debian import Missing

DIGESTS = {
    "MarkupSafe-3.0.2-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl": (
        "a123e330ef0853c6e822384873bef7507557d8e4a082961e1defa947aa59ba84"
    ),
    "iniconfig-1.1.1-py2.py3-none-any.whl": "011e24c64b7f47f6ebd835bb12a743f2fbe9a26d4cecaa7f53bc4f35ee9da8b3",
    "pip-25.1-py3-none-any.whl": "13b4aa0aaad055020a11bec8a1c2a70a2b2d080e12d89b962266029fff0a16ba",
    "pluggy-1.5.0-py3-none-any.whl": "44e1ad92c8ca002de6377e165f3e0f1be63266ab4d554740532335b9d75ea669",
    "setuptools-80.9.0-py3-none-any.whl": "062d34222ad13e0cc312a4c02d73f059e86a4acbfbdea8f8f76b28c99f306922",
    "typing_extensions-4.12.2-py3-none-any.whl": "04e5ca0351e0f3f85c6853954072df659d0d13fac324d0072316b67d7794700d",
    "wheel-0.45.1-py3-none-any.whl": "708e7481cc80179af0e556bbf0cc00b8444c7321e2700b8d8580231d13017248",
}


class Wheels:
    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def named(self, name: str) -> Path:
        [file] = [it for it in DIGESTS if it.lower().startswith(name + "-")]
        return self.directory / file

    def fetch(self) -> None:
        """Brings what is not there yet."""
        missing = [file for file in DIGESTS if not (self.directory / file).is_file()]
        if missing:
            self.directory.mkdir(parents=True, exist_ok=True)
            self._download(missing)
        for file, digest in DIGESTS.items():
            found = hashlib.sha256((self.directory / file).read_bytes()).hexdigest()
            if found != digest:
                raise Missing(f"{self.directory / file} has the digest {found}, not {digest}: remove it")

    def _download(self, files: list[str]) -> None:
        requirements = ["==".join(it.split("-")[:2]) for it in files]
        options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:"]
        # The Python of the channel, not the one that runs this.
        options += ["--python-version=3.11", "--platform=manylinux2014_x86_64"]
        command = [sys.executable, "-m", "pip", "download", *options, "--dest", str(self.directory), *requirements]
        if subprocess.run(command).returncode:
            raise Missing(f"not in {self.directory}, and not to be had from PyPI: {', '.join(files)}")
