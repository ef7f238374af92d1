"""A table of features that stays on the disk: only the rows that are asked for are read."""

import mmap
from pathlib import Path
from typing import Any, Self

import attrs
import numpy as np

from phosphene_core.errors import FileError, one_line
from phosphene_core.hdf5 import checked_array, open_hdf5, reading
from phosphene_core.layer import Array

ROWS = 1024
"""Rows of a table that is neither in one piece nor in chunks which are read together."""


@attrs.frozen(eq=False)
class FeatureTable:
    """The array `features` (P, D) of an HDF5 file: memory-mapped where it lies in one piece, else read through HDF5 chunk by
    chunk."""

    path: Path
    shape: tuple[int, int]
    mapped: tuple[mmap.mmap, Array] | None
    chunked: Any

    @classmethod
    def open(cls, path: Path) -> Self:
        """`FileError` if the file holds no table of numbers."""
        with reading(path, texts=False) as file:
            data = checked_array(file, "features")
            if data.ndim != 2 or data.dtype.kind != "f":
                raise FileError(f"{path}: 'features' is not a table of numbers")
            offset = data.id.get_offset()
            if offset is not None and data.dtype.isnative:
                if offset + data.nbytes > path.stat().st_size:
                    raise FileError(f"{path} is cut off: an incomplete download or copy; get it again")
                with path.open("rb") as raw:
                    bytes_ = mmap.mmap(raw.fileno(), 0, access=mmap.ACCESS_READ)
                _advise(bytes_, "MADV_RANDOM")
                table = np.frombuffer(bytes_, data.dtype, data.size, offset).reshape(data.shape)
                return cls(path, data.shape, (bytes_, table), None)
        data = open_hdf5(path)["features"]
        return cls(path, data.shape, None, data)

    def __len__(self) -> int:
        return self.shape[0]

    def rows(self, asked: Array) -> Array:
        """Some rows (N, D), float32, in the order asked; each is read once however often it is asked for. `FileError` names
        the row that is damaged."""
        wanted, place = np.unique(asked, return_inverse=True)
        if self.mapped is not None:
            bytes_, table = self.mapped
            values = table[wanted].astype(np.float32, copy=False)
            _advise(bytes_, "MADV_DONTNEED")  # what was read need not stay in this process's memory
        else:
            values = self._through_hdf5(wanted)
        finite = np.isfinite(values).all(axis=1)
        if not finite.all():
            row = int(wanted[finite.argmin()])
            raise FileError(f"{self.path}: 'features', row {row} holds values that are NaN or infinite; the file is damaged")
        return values if len(wanted) == len(place) and (np.diff(place) == 1).all() else values[place]

    def _through_hdf5(self, wanted: Array) -> Array:
        """Rows in rising order: those of one chunk in one go, for HDF5 unpacks it whole anyhow."""
        values = np.empty((len(wanted), self.shape[1]), np.float32)
        height = self.chunked.chunks[0] if self.chunked.chunks else ROWS
        at = 0
        try:
            for some in np.split(wanted, np.flatnonzero(np.diff(wanted // height)) + 1):
                if len(some):
                    values[at : at + len(some)] = self.chunked[int(some[0]) : int(some[-1]) + 1][some - some[0]]
                    at += len(some)
        except Exception as error:  # h5py raises many kinds on damaged files
            raise FileError(f"{self.path}: 'features' cannot be read; the file is damaged: {one_line(error)}") from None
        return values


def _advise(bytes_: mmap.mmap, advice: str) -> None:
    """Where the system takes advice about memory."""
    if (number := getattr(mmap, advice, None)) is not None:
        bytes_.madvise(number)
