"""The engine of compiled kernels: what it gives is what the numpy engine gives, to rounding."""

from typing import Any

import attrs
import numpy as np

from phosphene_core.layer import Array
from phosphene_core.threads import threads
from phosphene_rnn.room import room
from phosphene_rnn.track import Leg, Track

APART = 12
"""From so many rows for each thread on, each goes its own way with them (kernels/walk.c)."""


@attrs.frozen
class CompiledEngine:
    """`kernels`: the compiled module; `functions`: a cell's compiled functions by stage; `double`: in float64. Methods as the
    numpy engine's, which says what they do; a block is a panel of two vectors of units."""

    kernels: Any
    functions: dict[str, tuple[Any, Any]]
    double: bool

    def panels(self, rows: int, parts: int, units: int, dtype: Any) -> Array:
        panel = self.kernels.sizes(self.double)[1]
        return room((-(-units // panel), parts, rows, panel), dtype)

    def pack(self, w: Array, columns: list[slice], turned: bool = False) -> Array:
        length = columns[0].stop - columns[0].start
        if turned:
            packed = self.panels(len(columns) * length, 1, w.shape[0], w.dtype)
        else:
            packed = self.panels(w.shape[0], len(columns), length, w.dtype)
        offsets, units = np.array([c.start for c in columns], np.intp), w.shape[0] if turned else length
        self.kernels.pack(self.double, w, offsets, units, length, turned, packed, threads())
        return packed

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
        if not apart or rows < APART * sharing:
            return max(1, -(-rows // max(1, -(-rows // most))))

        def cost(tile: int) -> float:
            tiles = -(-rows // tile)
            return -(-tiles // sharing) * (tile + 0.5)

        return min(range(most, self._least() - 1, -1), key=cost)

    def product(
        self, out: Array, a: Array, b: Array, units: int, *, out_places: Array | None = None, a_places: Array | None = None,
        a_units: int = 0, turned: bool = False, bias: Array | None = None, sums: Array | None = None, add: bool = False,
    ) -> None:  # fmt: skip
        rows = a.shape[1] if turned else a.shape[2] if a.ndim == 4 else len(a) if a_places is None else len(a_places)
        self.kernels.product(
            self.double, out, out_places, a, a_places, turned, a_units, b, units, bias, sums, rows, add, threads()
        )

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
            told.append((function, packed, leg.weights.shape[1], leg.weights, leg.inner, operands, lanes, units, None))
        tiles = None
        if inputs is not None:
            count = int((-(-counts[steps] // tile)).sum())
            tiles = room((count * self.kernels.sizes(self.double)[0] * inputs.array.shape[1],), inputs.array.dtype)
        plan = self.kernels.Plan(self.double, told)
        plan.go(operand, _told(inputs), tiles, tile, steps, counts, products, threads())


def _told(track: Track | None) -> tuple[Array, Array, Array | None] | None:
    """A track as the kernels' bridge takes it."""
    return None if track is None else (track.array, track.begins, track.places)
