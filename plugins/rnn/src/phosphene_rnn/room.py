"""Room for arrays that come and go with every step of a training.

Fresh memory costs a page fault for every 4 KB, which for a step's many megabytes takes as long as some of its products; so
what nobody holds any more is used again, as long as it is not too much.
"""

import math
import threading
from typing import Any

import numpy as np

from phosphene_core.layer import Array

LEAST = 1 << 17
"""Arrays of fewer bytes come from numpy."""

LINE = 64


class Shelf:
    """Memory to be used again, by its size; at most `most` bytes."""

    def __init__(self, most: int) -> None:
        self.most, self.kept = most, 0
        self.memory: dict[int, list[Array]] = {}
        self.lock = threading.RLock()  # a lease may end while its own thread holds it

    def take(self, size: int) -> Array:
        with self.lock:
            if own := self.memory.get(size):
                self.kept -= size
                return own.pop()
        return np.empty(size, np.uint8)

    def give(self, memory: Array) -> None:
        with self.lock:
            if self.kept + memory.nbytes <= self.most:
                self.kept += memory.nbytes
                self.memory.setdefault(memory.nbytes, []).append(memory)

    def clear(self) -> None:
        """Let go of all that is kept."""
        with self.lock:
            self.memory.clear()
            self.kept = 0


shelf = Shelf(most=1 << 26)


class _Lease:
    """Memory that goes back on the shelf when the last array in it is gone."""

    __slots__ = ("__array_interface__", "memory", "shelf")

    def __init__(self, shelf: Shelf, size: int) -> None:
        self.shelf, self.memory = shelf, shelf.take(size)
        place = self.memory.ctypes.data
        self.__array_interface__ = {"data": (place, False), "shape": (size,), "typestr": "|u1", "version": 3}

    def __del__(self) -> None:
        self.shelf.give(self.memory)


def room(shape: tuple[int, ...], dtype: Any) -> Array:
    """An array with anything in it, which begins on a cache line, as the kernels' vectors like it."""
    size = math.prod(shape) * np.dtype(dtype).itemsize
    wanted = size + LINE
    if wanted < LEAST:
        raw = np.empty(wanted, np.uint8)
    else:
        step = 1 << (wanted.bit_length() - 4)  # sizes in steps of an eighth or less, so that others fit too
        raw = np.asarray(_Lease(shelf, -(-wanted // step) * step))
    skip = -raw.ctypes.data % LINE
    return raw[skip : skip + size].view(dtype).reshape(shape)
