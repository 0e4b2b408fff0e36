"""The shared libraries that Python needs, each as a package: those of this machine."""

from dataclasses import dataclass

import debian
from package import Content, File


@dataclass(frozen=True)
class Library:
    name: str
    version: str
    files: tuple[str, ...]
    depends: tuple[str, ...] = ()

    def content(self) -> Content:
        return {f"lib/{file}": File(debian.library(file), executable=True) for file in self.files}


# The versions of Debian 12, as far as its updates do not change them.
LIBRARIES = (
    Library("bzip2", "1.0.8", ("libbz2.so.1.0",)),
    Library("libexpat", "2.5.0", ("libexpat.so.1",)),
    Library("libffi", "3.4.4", ("libffi.so.8",)),
    Library("liblzma", "5.4.1", ("liblzma.so.5",)),
    Library("libsqlite", "3.40.1", ("libsqlite3.so.0",), ("libzlib >=1.2.13,<2.0a0",)),
    Library("libuuid", "2.38.1", ("libuuid.so.1",)),
    Library("libzlib", "1.2.13", ("libz.so.1",)),
    Library("ncurses", "6.4", ("libncursesw.so.6", "libpanelw.so.6", "libtinfo.so.6")),
    Library("openssl", "3.0", ("libcrypto.so.3", "libssl.so.3"), ("ca-certificates",)),
    Library("readline", "8.2", ("libreadline.so.8",), ("ncurses >=6.4,<7.0a0",)),
)
