"""Panels made ready for products of many rows, with forty-nine multiplications for sixty-four (kernels/forty_nine.h)."""

from typing import Any

from phosphene_core.layer import Array
from phosphene_core.threads import threads
from phosphene_rnn.room import room

ENOUGH = 2000
"""Rows that panels are multiplied with, all in all, from which on that pays."""


def quartered(kernels: Any, double: bool, panels: Array, count: int, depth: int, whole: bool = False) -> Array | None:
    """What each four of the first `count` panels have combined, of so much depth (`whole`: of whole numbers, and so many pairs of them),
    where that pays."""
    to = room((count // 4, 49, depth // 4, panels.itemsize * kernels.sizes(double)[1] * (1 + whole)), "u1")
    return to if count >= 4 and kernels.quarter(double, panels, count, depth, whole, to, threads()) else None
