"""Changes to an executable of the system that a linker would otherwise be needed for."""

import re
import struct
from dataclasses import dataclass

HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
SEGMENT = struct.Struct("<IIQQQQQQ")
TAG = struct.Struct("<qQ")
PAGE = 4096
LOADED, DYNAMIC = 1, 2
END, STRINGS, SEARCH_PATH = 0, 5, 15


@dataclass
class Segment:
    at: int
    kind: int
    flags: int
    offset: int
    address: int
    physical: int
    file_size: int
    memory_size: int
    alignment: int

    @property
    def end(self) -> int:
        return self.offset + self.file_size


def with_search_path(executable: bytes, directory: str) -> bytes:
    """The same program with `directory` as its DT_RPATH, which holds for all libraries that the program loads, too.

    DT_RUNPATH would hold for the program's own needs only, and not for those of the modules that Python loads.
    Linkers leave a few free tags behind the dynamic ones, and zeros up to the next page behind what is loaded first.
    """
    image = bytearray(executable)
    segments = _segments(image)
    loaded = [it for it in segments if it.kind == LOADED]
    [dynamic] = [it for it in segments if it.kind == DYNAMIC]

    name = directory.encode() + b"\0"
    first = loaded[0]
    free = image[first.end : first.end + len(name)]
    if any(free) or first.end % PAGE + len(name) > PAGE or first.end + len(name) > loaded[1].offset:
        raise ValueError("there is no room for the name of a directory behind the first segment")
    address = first.address + first.file_size
    image[first.end : first.end + len(name)] = name
    first.file_size += len(name)
    first.memory_size += len(name)
    _put(image, first)

    tags = [TAG.unpack_from(image, at) for at in range(dynamic.offset, dynamic.end, TAG.size)]
    end = next(number for number, (tag, _) in enumerate(tags) if tag == END)
    if end + 1 >= len(tags):
        raise ValueError("there is no free tag")
    [strings] = [value for tag, value in tags if tag == STRINGS]
    TAG.pack_into(image, dynamic.offset + end * TAG.size, SEARCH_PATH, address - strings)
    return bytes(image)


def without_frozen_module(python: bytes, module: str) -> bytes:
    """The same CPython 3.11, which loads the module from its file instead of having it inside.

    In the table of frozen modules, its entry gets a name that nobody asks for: the same text without its first letter.
    Of all pointers to the name, the table's are those before an empty pointer to code and two numbers that are 0.
    """
    image = bytearray(python)
    loaded = [it for it in _segments(image) if it.kind == LOADED]
    entries = [
        (entry.start(), address)
        for name in re.finditer(re.escape(module.encode() + b"\0"), python)
        for address in [it.address + name.start() - it.offset for it in loaded if it.offset <= name.start() < it.end]
        for entry in re.finditer(re.escape(struct.pack("<QQQ", address, 0, 0)), python)
    ]
    if len(entries) != 1:
        raise ValueError(f"{module} is not in this Python's table of frozen modules")
    [(at, address)] = entries
    struct.pack_into("<Q", image, at, address + 1)
    return bytes(image)


def _segments(image: bytearray) -> list[Segment]:
    header = HEADER.unpack_from(image)
    start, size, count = header[5], header[9], header[10]
    return [Segment(at, *SEGMENT.unpack_from(image, at)) for at in range(start, start + size * count, size)]


def _put(image: bytearray, it: Segment) -> None:
    fields = (it.kind, it.flags, it.offset, it.address, it.physical, it.file_size, it.memory_size, it.alignment)
    SEGMENT.pack_into(image, it.at, *fields)
