"""Is an HDF5 file's global heap sound? Over one that is not, the HDF5 library may loop for ever.

Texts of variable length (our `about`) lie in heap collections: the mark "GCOL", a version, the collection's size, then
objects, each with an index and a size. Object 0 is the free rest. The library walks from object to object by their
sizes without asking whether it moves.
"""

import mmap
import os
import struct
from pathlib import Path

MARK, HEADER = b"GCOL\x01\x00\x00\x00", 16


def sound(path: str | os.PathLike[str]) -> bool:
    """Whether every heap collection in the file can be walked to its end."""
    with Path(path).open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        at = content.find(MARK)
        while at >= 0:
            if not _walks(content, at):
                return False
            at = content.find(MARK, at + 1)
    return True


def _walks(content: mmap.mmap, start: int) -> bool:
    if start + HEADER > len(content):
        return True
    end = start + struct.unpack_from("<Q", content, start + 8)[0]
    if end > len(content):
        return True  # the library notices by itself, or these bytes are numbers that look like a heap
    at = start + HEADER
    while at + HEADER <= end:
        index, size = struct.unpack_from("<H6xQ", content, at)
        step = HEADER + (size + 7) // 8 * 8 if index else size
        if step < HEADER or at + step > end:
            return False
        at += step
    return True
