"""All that people said of each picture, beside one caption of it: what a captioner is rewarded by."""

from functools import cached_property

import attrs
import numpy as np

from phosphene_captioning.vocabulary import NULL
from phosphene_core.layer import Array

COUNTED = 10_000
"""In so many pictures' captions it is counted how often runs of words occur; more would change little and take long."""


@attrs.frozen(eq=False)
class References:
    """Captions (M, T) and the picture of each (M,)."""

    captions: Array
    pictures: Array

    @cached_property
    def _order(self) -> tuple[Array, Array]:
        order = np.argsort(self.pictures, kind="stable")
        return order, self.pictures[order]

    def of(self, pictures: Array) -> Array:
        """All captions of each of these pictures (N, R, T), rows of <NULL> where there are fewer."""
        order, ranked = self._order
        first, last = np.searchsorted(ranked, pictures), np.searchsorted(ranked, pictures, side="right")
        place = first[:, None] + np.arange(max(1, int((last - first).max(initial=0))))
        found = self.captions[order[np.minimum(place, len(order) - 1)]]
        found[place >= last[:, None]] = NULL
        return found

    def some(self) -> list[Array]:
        """The captions of each of at most `COUNTED` pictures, spread evenly."""
        order, ranked = self._order
        starts = np.flatnonzero(np.diff(ranked, prepend=-1))
        each = np.split(order, starts[1:])
        return [self.captions[rows] for rows in each[:: -(-len(each) // COUNTED)]]
