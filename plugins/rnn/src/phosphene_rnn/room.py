"""Room for arrays that come and go with every step of a training.

Fresh memory costs a page fault for every 4 KB, which for a step's many megabytes takes as long as some of its products; so
what nobody holds any more is used again, as long as it is not too much.
"""

import math
import threading
from sys import getrefcount
from typing import Any

import numpy as np

from phosphene_core.layer import Array

LINE = 64

Piece = tuple[Array, int]
"""Memory: the array that holds it, and where in that a cache line begins."""


def _references(piece: Piece) -> int:
    return getrefcount(piece[0])


FREE = _references((np.empty(0, np.uint8), 0))
"""The references to memory that nothing but its piece refers to."""


class Shelf:
    """Memory to be used again, by its size; at most `most` bytes. Every array in a piece, and every view of one, has the array that
    holds the memory for its base: when the piece's is the only reference to that, it is free."""

    def __init__(self, most: int) -> None:
        self.most, self.kept = most, 0
        self.memory: dict[int, list[Piece]] = {}
        self.lock = threading.RLock()

    def array(self, size: int, shape: tuple[int, ...], dtype: Any) -> Array:
        """An array in a piece of so many bytes."""
        with self.lock:
            own = self.memory.setdefault(size, [])
            for k in range(len(own)):
                if _references(own[k]) == FREE:  # the longest ago: what another core has just read is slow to be written
                    own.append(own.pop(k))
                    return np.ndarray(shape, dtype, *own[-1])
            holds = np.empty(size + LINE, np.uint8)
            piece = holds, -holds.ctypes.data % LINE
            if self.kept + size > self.most:
                self.let_go(self.kept + size - self.most)
            if self.kept + size <= self.most:
                self.kept += size
                own.append(piece)
            return np.ndarray(shape, dtype, *piece)

    def let_go(self, size: int) -> None:
        """Keep less, by so many bytes or by all that is free."""
        with self.lock:
            for each, own in self.memory.items():
                for k in range(len(own) - 1, -1, -1):
                    if size > 0 and _references(own[k]) == FREE:
                        del own[k]
                        self.kept, size = self.kept - each, size - each

    def clear(self) -> None:
        """Let go of all that is kept."""
        with self.lock:
            self.memory.clear()
            self.kept = 0


shelf = Shelf(most=1 << 27)


def room(shape: tuple[int, ...], dtype: Any) -> Array:
    """An array with anything in it, which begins on a cache line, as the kernels' vectors like it."""
    dtype = np.dtype(dtype)
    size = max(math.prod(shape) * dtype.itemsize, LINE)
    step = 1 << (size.bit_length() - 4)  # sizes in steps of an eighth or less, so that others fit too
    return shelf.array(-(-size // step) * step, shape, dtype)
