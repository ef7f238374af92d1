"""Are the chunks of a compressed HDF5 array what they claim to be? The library itself inflates whatever it finds.

A chunk that claims kilobytes may inflate to gigabytes, and one that claims more than there is memory brings the library
down with a signal. Only the filters that everybody uses are let in: gzip, shuffle, fletcher32 and lzf.
"""

import zlib
from typing import Any

import h5py

GZIP, SHUFFLE, FLETCHER32, LZF = 1, 2, 3, 32000
KNOWN = {GZIP, SHUFFLE, FLETCHER32, LZF}
SMALL = 1 << 18
"""Stored bytes of a chunk that are let through unseen: gzip makes at most 1,032 times as many of them."""


def fault(data: h5py.Dataset, spare: int) -> str | None:
    """What is wrong with the chunks of an array, or None. `spare`: bytes that a chunk may be larger than the array."""
    if data.chunks is None:
        return None
    declared, size = data.size * data.dtype.itemsize, data.dtype.itemsize
    for n in data.chunks:
        size *= n
    if size > declared + spare:
        return f"has chunks of {size:,} bytes"
    pipeline = data.id.get_create_plist()
    filters = [pipeline.get_filter(i)[0] for i in range(pipeline.get_nfilters())]
    if strange := set(filters) - KNOWN:
        return f"is packed by a filter (number {min(strange)}) that is not read here"
    if len({GZIP, LZF} & set(filters)) > 1 or len(set(filters)) < len(filters):
        return "is packed twice"
    most = size + size // 8 + 4096
    suspects: list[Any] = []

    def look(chunk: Any) -> None:
        if chunk.size > most or (GZIP in filters and chunk.size > SMALL):
            suspects.append(chunk)

    data.id.chunk_iter(look)
    for chunk in suspects:
        if chunk.size > most:
            return f"has a chunk of {chunk.size:,} bytes where {size:,} are due"
        mask, packed = data.id.read_direct_chunk(chunk.chunk_offset)
        if not mask >> filters.index(GZIP) & 1 and not _inflates(packed, size):
            return "has a chunk that inflates to more than it should"
    return None


def _inflates(packed: bytes, size: int) -> bool:
    """Whether gzip's data make at most `size` bytes (and a checksum's few)."""
    try:
        unpacker = zlib.decompressobj()
        left = size + 16 - len(unpacker.decompress(packed, size + 16))
    except zlib.error:
        return False
    return left > 0
