"""Which sequences are still running at which step."""

from functools import cached_property

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
        if lengths is None or (lengths.shape == (sequences,) and sequences and (lengths == steps).all()):
            order, counts = np.arange(sequences), np.full(steps if sequences else 0, sequences)
        else:
            if lengths.shape != (sequences,) or lengths.dtype.kind not in "iu":
                raise ShapeError(
                    f"lengths must be one integer for each of the {sequences} sequences, not {lengths.dtype} of shape "
                    f"{lengths.shape}"
                )
            if sequences and not (0 <= lengths.min() and lengths.max() <= steps):
                raise ShapeError(f"lengths must be from 0 to {steps}, not {lengths.min()} to {lengths.max()}")
            order = np.argsort(-lengths.astype(np.intp), kind="stable")
            counts = (lengths[:, None] > np.arange(max(lengths.max(initial=0), 0))).sum(axis=0)
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

    def before(self) -> Array:
        """For each row that is not of the first step, the row of the same sequence one step before."""
        rows = [np.arange(self.offsets[t - 1], self.offsets[t - 1] + self.counts[t]) for t in range(1, self.steps)]
        return np.concatenate(rows) if rows else np.zeros(0, np.intp)

    def chunks(self, rows: int) -> list[tuple[int, int]]:
        """The steps in runs of about so many rows: (first, past the last)."""
        found, first = [], 0
        for t in range(self.steps):
            if self.offsets[t + 1] - self.offsets[first] >= rows or t == self.steps - 1:
                found.append((first, t + 1))
                first = t + 1
        return found
