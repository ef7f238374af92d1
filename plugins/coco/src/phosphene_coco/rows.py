"""Rows that are read only when they are asked for: an array that need not fit into memory."""

from collections.abc import Callable
from typing import Any

import attrs
import numpy as np

from phosphene_core.layer import Array


@attrs.frozen(eq=False)
class Rows:
    """An array (N, ...) whose slices are read by `read`, from row numbers to values; `numpy.asarray` reads it whole."""

    shape: tuple[int, ...]
    read: Callable[[Array], Array]

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, which: slice) -> Array:
        return self.read(np.arange(len(self))[which])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.asarray(self[:], dtype)
