"""Foreign HDF5, read with suspicion: whole files, arrays of numbers, and nothing that lies elsewhere."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np

from phosphene_core import chunks
from phosphene_core.errors import FileError, PhospheneError, one_line
from phosphene_core.heapcheck import sound
from phosphene_core.layer import Array

MAX_BYTES = 4 << 30
SPARE, MAX_RATIO = 32 << 20, 20
"""An array may be larger than what the file stores of it: by so many bytes, and so many times (compression)."""


@contextlib.contextmanager
def reading(path: str | os.PathLike[str], texts: bool = True) -> Iterator[h5py.File]:
    """`open_hdf5` for a block in which everything that h5py raises over a damaged file becomes a `FileError`. Without
    `texts` no text of variable length may be read in the block; the file need not be read whole then to see that it can."""
    with open_hdf5(path) as file:
        try:
            if texts and not sound(path):
                raise FileError(f"{path} is a damaged HDF5 file: its texts cannot be walked")
            yield file
        except PhospheneError:
            raise
        except Exception as error:  # h5py raises many kinds: KeyError, RuntimeError, ValueError, MemoryError, ...
            raise FileError(f"{path} is a damaged HDF5 file: {one_line(error)}") from None


def open_hdf5(path: str | os.PathLike[str]) -> h5py.File:
    """The file, open for reading. `FileError` if it is missing, truncated, or not HDF5."""
    place = Path(path)
    if not place.exists():
        raise FileError(f"{path} does not exist")
    if place.is_dir():
        raise FileError(f"{path} is a folder, not a model file")
    if not place.is_file():  # whoever opens a pipe waits for ever
        raise FileError(f"{path} is no regular file")
    try:
        return h5py.File(place, "r")
    except PermissionError:
        raise FileError(f"{path} cannot be read: permission denied") from None
    except OSError as error:
        if place.stat().st_size == 0:
            raise FileError(f"{path} is empty") from None
        with place.open("rb") as raw:
            signed = raw.read(8) == b"\x89HDF\r\n\x1a\n"
        if signed and "truncated" in str(error):
            raise FileError(f"{path} is cut off: an incomplete download or copy; get it again") from None
        raise FileError(f"{path} is {'a damaged' if signed else 'not an'} HDF5 file") from None


def held(group: h5py.Group, name: str) -> h5py.Group | h5py.Dataset | None:
    """What a group holds itself under a name (None if nothing). A link is not followed, for it may lead to another file
    (or to a pipe, where whoever opens it waits for ever): `FileError`."""
    found = group
    for part in name.split("/"):
        link = found.get(part, getlink=True) if isinstance(found, h5py.Group) else None
        if link is None:
            return None
        if not isinstance(link, h5py.HardLink):
            raise FileError(f"{group.file.filename}: '{name[:100]}' is a link; only what a file holds itself is read")
        found = found[part]
    return found


def checked_array(file: h5py.File, name: str) -> h5py.Dataset:
    """An array of numbers whose kind, place, size and chunks have been looked at; its values not yet. `FileError`."""
    where = f"{file.filename}: '{name[:100]}'"
    try:
        data = held(file, name)
        if not isinstance(data, h5py.Dataset):
            raise FileError(f"{where} is missing" if data is None else f"{where} is not an array")
        if data.is_virtual or data.external:
            raise FileError(f"{where} lies in another file; only what a file holds itself is read")
        if data.dtype.kind not in "fiub" or data.shape is None:
            raise FileError(f"{where} does not hold numbers but {data.dtype if data.shape is not None else 'nothing'}")
        declared, stored = data.size * data.dtype.itemsize, data.id.get_storage_size()
        if declared > MAX_BYTES or declared > SPARE + MAX_RATIO * stored or stored > file.id.get_filesize():
            raise FileError(f"{where} claims {declared:,} bytes, more than the file holds")
        if (fault := chunks.fault(data, SPARE)) is not None:
            raise FileError(f"{where} {fault}")
        return data
    except FileError:
        raise
    except Exception as error:  # h5py raises many kinds on damaged files
        raise FileError(f"{where} cannot be read: {one_line(error)}") from None


def read_array(file: h5py.File, name: str) -> Array:
    """One array of numbers, checked before memory is taken, and every value finite."""
    where = f"{file.filename}: '{name[:100]}'"
    data = checked_array(file, name)
    try:
        values = np.asarray(data[()])
    except Exception as error:
        raise FileError(f"{where} cannot be read: {one_line(error)}") from None
    if values.dtype.kind == "f":
        if values.dtype.itemsize == 2:
            values = values.astype(np.float32)
        if not np.isfinite(values).all():
            raise FileError(f"{where} holds {int((~np.isfinite(values)).sum())} values that are NaN or infinite")
    return values
