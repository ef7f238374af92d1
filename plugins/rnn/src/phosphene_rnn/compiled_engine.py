"""The engine of compiled kernels: what it gives is what the numpy engine gives, to rounding."""

import math
from typing import Any

import attrs
import numpy as np

from phosphene_core.layer import Array
from phosphene_core.threads import threads
from phosphene_rnn.room import room
from phosphene_rnn.track import Leg, Track

APART = 16
"""From so many rows for each thread on, each goes its own way with them (kernels/walk.c)."""

MANY = 500
"""Rows that weights are multiplied with, from which on it pays to combine these beforehand (kernels/strassen.c)."""

LARGE = 3 << 21
"""Bytes of weights that are so many that it doesn't: with what is combined of them they would fill the cache."""


@attrs.frozen
class CompiledEngine:
    """`kernels`: the compiled module; `functions`: a cell's compiled functions by stage; `double`: in float64; `strassen`: large
    products by seven multiplications for eight. Methods as the numpy engine's, which says what they do; a block is a panel
    of two vectors of units."""

    kernels: Any
    functions: dict[str, tuple[Any, Any]]
    double: bool
    strassen: bool = True

    def panels(self, rows: int, parts: int, units: int, dtype: Any) -> Array:
        panel = self.kernels.sizes(self.double)[1]
        return room((-(-units // panel), parts, rows, panel), dtype)

    def pack(
        self, w: Array, columns: list[slice], turned: bool = False, rows: int = MANY, packed: Array | None = None
    ) -> Array:  # fmt: skip
        """Behind the panels, as further blocks, comes what Strassen's product will need of them besides, where that pays. What lies
        in whole panels is turned there, square by square, for it is more likely to be in the cache than w."""
        length = columns[0].stop - columns[0].start
        units, parts, depth = (w.shape[0], 1, len(columns) * length) if turned else (length, len(columns), w.shape[0])
        panel = self.kernels.sizes(self.double)[1]
        blocks = -(-units // panel)
        extra = -(-5 * (blocks * parts // 2) // (2 * parts)) if self.strassen and rows >= MANY and w.nbytes <= LARGE else 0
        shape = (blocks + extra, parts, depth, panel)
        offsets = np.array([c.start for c in columns], np.intp)
        source, how = w, int(turned)
        if packed is not None and units % panel == length % panel == 0:
            source, how = packed, 2
        in_place = how == 2 and units == length and source.size == math.prod(shape)
        out = source.reshape(shape) if in_place else room(shape, w.dtype)
        self.kernels.pack(self.double, source, offsets, units, length, how, out, threads())
        return out

    def operand(self, rows: int, depth: int, dtype: Any) -> Array:
        return room((self._tiles(rows) * self.kernels.sizes(self.double)[0] * depth,), dtype)

    def _tiles(self, rows: int) -> int:
        """How many tiles so many rows, or fewer, make at most."""
        return -(-rows // self._least()) + threads()

    def _least(self) -> int:
        """The fewest rows of a tile that keep the processor as busy as a full one."""
        return int(self.kernels.sizes(self.double)[0]) // 2 + 1

    def load(self, operand: Array, array: Array, places: Array | None, rows: int, tile: int) -> None:
        self.kernels.pack_operand(self.double, array, places, rows, array.shape[1], tile, operand)

    def tile(self, rows: int, apart: bool) -> int:
        most, sharing = self.kernels.sizes(self.double)[0], threads()
        if not apart and (pairs := self._pairs_apart(rows)):
            return -(-rows // (2 * pairs))
        if not apart or rows < APART * sharing:
            tiles = -(-rows // most)
            even = -(-tiles // 2) * 2
            paired = self.strassen and rows and rows // even >= self._least()
            return max(1, -(-rows // max(1, even if paired else tiles)))

        def cost(tile: int) -> float:
            tiles = -(-rows // tile)
            each = -(-tiles // sharing)  # of a thread; pairs of them take less, with Strassen
            return (each - (0.115 * (each // 2 * 2) if self.strassen else 0)) * (tile + 1.5)

        return min(range(most, self._least() - 1, -1), key=cost)

    def goes_apart(self, rows: int, even: bool) -> bool:
        return even or self._pairs_apart(rows) > 0

    def _pairs_apart(self, rows: int) -> int:
        """Into how many pairs of tiles sequences that end on the way are best shared out, two or more to a thread; 0: not at all."""
        sharing = threads()
        pairs = -(-max(2 * sharing, -(-rows // (2 * self.kernels.sizes(self.double)[0]))) // sharing) * sharing
        return pairs if sharing > 1 and rows >= 2 * pairs * self._least() else 0

    def product(
        self, out: Array, a: Array, b: Array, units: int, *, out_places: Array | None = None, a_places: Array | None = None,
        a_units: int = 0, turned: bool = False, bias: Array | None = None, sums: Array | None = None, add: bool = False,
    ) -> None:  # fmt: skip
        rows = a.shape[1] if turned else a.shape[2] if a.ndim == 4 else len(a) if a_places is None else len(a_places)
        self.kernels.product(
            self.double, out, out_places, a, a_places, turned, a_units, b, units, bias, sums, rows, add, self.strassen, threads(),
        )  # fmt: skip

    def sum_groups(self, out: Array, panels: Array, order: Array, starts: Array) -> None:
        self.kernels.sum_groups(self.double, out, panels, order, starts, threads())

    def walk(
        self, legs: list[Leg], operand: Array, inputs: Track | None, units: int, tile: int, steps: Array, counts: Array,
        products: Array,
    ) -> None:  # fmt: skip
        told = []
        for leg in legs:
            function: Any = None
            packed: tuple[int, ...] = ()
            if leg.stage is not None:
                function, packed = self.functions[leg.stage.name][self.double], leg.stage.operand_places
            lanes = [(_told(lane.source), _told(lane.first), _told(lane.also), _told(lane.target)) for lane in leg.lanes]
            operands = leg.operands or (None, None)
            told.append((function, packed, leg.weights.shape[1], leg.weights, leg.inner, operands, lanes, leg.units or units, None))
        tiles = None
        if inputs is not None:
            count = int((-(-counts[steps] // tile)).sum())
            tiles = room((count * self.kernels.sizes(self.double)[0] * inputs.array.shape[1],), inputs.array.dtype)
        plan = self.kernels.Plan(self.double, told)
        plan.go(operand, _told(inputs), tiles, tile, steps, counts, products, threads())


def _told(track: Track | None) -> tuple[Array, Array, Array | None] | None:
    """A track as the kernels' bridge takes it."""
    return None if track is None else (track.array, track.begins, track.places)
