"""Where a walk over the steps finds its arrays."""

import attrs

from phosphene_core.layer import Array
from phosphene_rnn.cell import Stage


@attrs.frozen(eq=False)
class Track:
    """An array over the steps: rows (R, H), or panels of one part. Step t's first row is row `begins[t]`, or, where there
    are `places`, the row `places[begins[t]]`, its second row is the one after (or `places[begins[t] + 1]`), and so on."""

    array: Array
    begins: Array
    places: Array | None = None

    def rows(self, t: int, count: int) -> tuple[Array, slice | Array]:
        """Step t's first `count` rows: of what, and which (for the numpy engine, whose panels are one block)."""
        begin = int(self.begins[t])
        where = slice(begin, begin + count)
        array: Array = self.array[0] if self.array.ndim == 3 else self.array
        return array, where if self.places is None else self.places[where]


@attrs.frozen(eq=False)
class Lane:
    """An array of a stage: where it is read (None: it is not), where instead at step 0, where it is written, and, for a
    product, what is added besides."""

    source: Track | None = None
    first: Track | None = None
    target: Track | None = None
    also: Track | None = None


@attrs.frozen(eq=False)
class Leg:
    """A stage as a walk goes through it at every step (None: nothing but the product). `weights` multiply what the stage
    before gave, `inner` what comes from outside (None: nothing). `operands`: two that take turns, for a stage may still read
    the one that it wrote a step before; without a stage, those of the leg before. `units`: of the results, where not as many as the walk's."""

    stage: Stage | None
    weights: Array
    lanes: list[Lane]
    inner: Array | None = None
    operands: tuple[Array, Array] | None = None
    units: int = 0
