"""Zstandard without a library: a frame whose blocks are stored as they are.

Nothing becomes smaller, and any reader of the format accepts it. Python has a compressor of its own from 3.14 on.
"""

MAGIC = b"\x28\xb5\x2f\xfd"
# No size of the content, no checksum, a window of 2 MiB.
DESCRIPTOR = b"\x00\x58"
# The largest block that the format allows.
BLOCK = 128 * 1024


def stored(data: bytes) -> bytes:
    blocks = [data[start : start + BLOCK] for start in range(0, len(data), BLOCK)] or [b""]
    frame = bytearray(MAGIC + DESCRIPTOR)
    for number, block in enumerate(blocks, start=1):
        is_last = number == len(blocks)
        frame += (len(block) << 3 | is_last).to_bytes(3, "little") + block
    return bytes(frame)
