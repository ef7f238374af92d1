"""Which sequences are still running at which step."""

from functools import cached_property, lru_cache

import attrs
import numpy as np

from phosphene_core.errors import ShapeError
from phosphene_core.layer import Array


@attrs.frozen(eq=False)
class Timetable:
    """The steps of N sequences of at most T steps, longest first: the sequences that run at step t are the first
    `counts[t]` in `order`. All steps of all sequences, step by step, make R rows: those of step t are rows
    `offsets[t]` to `offsets[t + 1]`; `places` says where each lies among the N * T `cells` of an array (N, T)."""

    cells: int
    order: Array
    counts: list[int]
    offsets: list[int]
    places: Array

    @classmethod
    def of(cls, sequences: int, steps: int, lengths: Array | None) -> "Timetable":
        """`lengths` (N,) integers from 0 to T, or None: all sequences have T steps. `ShapeError` if they do not fit."""
        if lengths is None:
            return _full(sequences, steps)
        if lengths.shape != (sequences,) or lengths.dtype.kind not in "iu":
            raise ShapeError(
                f"lengths must be one integer for each of the {sequences} sequences, not {lengths.dtype} of shape {lengths.shape}"
            )
        if sequences and not (0 <= lengths.min() and lengths.max() <= steps):
            raise ShapeError(f"lengths must be from 0 to {steps}, not {lengths.min()} to {lengths.max()}")
        if sequences and lengths.min() == steps:
            return _full(sequences, steps)
        order = np.argsort(-lengths.astype(np.intp), kind="stable")
        counts = (lengths[:, None] > np.arange(max(lengths.max(initial=0), 0))).sum(axis=0)
        return cls.where(sequences, steps, order, counts)

    @classmethod
    def where(cls, sequences: int, steps: int, order: Array, counts: Array) -> "Timetable":
        """The timetable of these sequences, longest first, of which so many run at each step."""
        offsets = np.concatenate([[0], np.cumsum(counts)])
        steps_of_rows = np.repeat(np.arange(len(counts)), counts)
        within = np.arange(offsets[-1]) - offsets[:-1][steps_of_rows]
        places = np.ascontiguousarray(order[within] * steps + steps_of_rows, dtype=np.intp)
        order = np.ascontiguousarray(order, dtype=np.intp)
        return cls(sequences * steps, order, counts.tolist(), offsets.tolist(), places)

    @cached_property
    def begins(self) -> Array:
        """Each step's first row."""
        return np.array(self.offsets[:-1], np.intp)

    @cached_property
    def begins_before(self) -> Array:
        """The first row of the step before (of the first: 0)."""
        return np.array([0, *self.offsets[:-2]][: self.steps], np.intp)

    @property
    def steps(self) -> int:
        return len(self.counts)

    @property
    def rows(self) -> int:
        return self.offsets[-1]

    @property
    def first(self) -> Array:
        """The sequences that have a first step, longest first."""
        return self.order[: self.counts[0]] if self.counts else self.order[:0]

    @property
    def even(self) -> bool:
        """Whether every step has as many sequences as the first."""
        return not self.counts or self.counts[0] == self.counts[-1]

    @cached_property
    def gaps(self) -> Array:
        """The cells of the steps that sequences do not have."""
        there = np.zeros(self.cells, bool)
        there[self.places] = True
        return np.flatnonzero(~there) if self.rows < self.cells else self.places[:0]

    @cached_property
    def before(self) -> Array:
        """For each row, the cell of the same sequence one step before; at the first step, as if those came after all cells."""
        counts = np.array(self.counts, np.intp)
        rows = np.arange(counts[0] if self.counts else 0, self.rows) - np.repeat(counts[:-1], counts[1:])
        return np.concatenate([self.cells + self.first, self.places[rows]])


@lru_cache(maxsize=16)
def _full(sequences: int, steps: int) -> Timetable:
    """All sequences have all steps."""
    return Timetable.where(sequences, steps, np.arange(sequences), np.full(steps if sequences else 0, sequences))
