"""Room for arrays that come and go with every step of a training.

Fresh memory costs a page fault for every 4 KB, which for a step's many megabytes takes as long as some of its products; so
what nobody holds any more is used again, as long as it is not too much.
"""

import math
import threading
from typing import Any

import numpy as np

from phosphene_core.layer import Array

LINE = 64


class Shelf:
    """Memory to be used again, by its size; at most `most` bytes. A piece of it is the array that holds it, and its place, at the
    beginning of a cache line."""

    def __init__(self, most: int) -> None:
        self.most, self.kept = most, 0
        self.memory: dict[int, list[tuple[Array, int]]] = {}
        self.lock = threading.RLock()  # a lease may end while its own thread holds it

    def take(self, size: int) -> tuple[Array, int]:
        with self.lock:
            if own := self.memory.get(size):
                self.kept -= size
                return own.pop()
        holds = np.empty(size + LINE, np.uint8)
        return holds, -(-holds.ctypes.data // LINE) * LINE

    def give(self, piece: tuple[Array, int], size: int) -> None:
        with self.lock:
            if self.kept + size <= self.most:
                self.kept += size
                self.memory.setdefault(size, []).append(piece)

    def clear(self) -> None:
        """Let go of all that is kept."""
        with self.lock:
            self.memory.clear()
            self.kept = 0


shelf = Shelf(most=1 << 26)


class _Lease:
    """Memory that goes back on the shelf when the last array in it is gone."""

    __slots__ = ("__array_interface__", "piece", "shelf", "size")

    def __init__(self, shelf: Shelf, size: int, shape: tuple[int, ...], numbers: str) -> None:
        self.shelf, self.size, self.piece = shelf, size, shelf.take(size)
        self.__array_interface__ = {"data": (self.piece[1], False), "shape": shape, "typestr": numbers, "version": 3}

    def __del__(self) -> None:
        self.shelf.give(self.piece, self.size)


def room(shape: tuple[int, ...], dtype: Any) -> Array:
    """An array with anything in it, which begins on a cache line, as the kernels' vectors like it."""
    numbers = np.dtype(dtype)
    size = max(math.prod(shape) * numbers.itemsize, LINE)
    step = 1 << (size.bit_length() - 4)  # sizes in steps of an eighth or less, so that others fit too
    return np.asarray(_Lease(shelf, -(-size // step) * step, shape, numbers.str))
