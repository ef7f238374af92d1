"""What a recurrent layer reads: sequences of vectors, or of words whose vectors are rows of a table."""

import attrs
import numpy as np

from phosphene_core.layer import Array, Params
from phosphene_rnn.cell import Cell
from phosphene_rnn.engine import Engine
from phosphene_rnn.room import room
from phosphene_rnn.timetable import Timetable
from phosphene_rnn.track import Track
from phosphene_rnn.walk import weights_there


@attrs.frozen(eq=False)
class Sequences:
    """x (N, T, D), multiplied step by step."""

    x: Array
    steps: Timetable

    @property
    def shape(self) -> tuple[int, int]:
        return self.x.shape[0], self.x.shape[1]

    @property
    def flat(self) -> Array:
        return self.x.reshape(self.x.shape[0] * self.x.shape[1], self.x.shape[2])

    def given(self, engine: Engine, cell: Cell, params: Params) -> tuple[list[Track], Track | None, list[Array] | None]:
        """What each gate starts from at each step; and what is multiplied besides at each step, by what, stage by stage."""
        units, steps = params["Wh"].shape[0], self.steps
        fixed, first = np.zeros(steps.steps, np.intp), len(steps.first)
        bias = np.broadcast_to(params["b"], (first, len(params["b"])))
        starts = [Track(bias[:, cell.columns((g,), units)], fixed) for g in cell.gates]
        return starts, Track(self.flat, steps.begins, steps.places), weights_there(engine, cell, params["Wx"], units, steps.rows)

    def vectors(self, engine: Engine, da: Array, units: int) -> tuple[Array, Array, Array]:
        """The gates' gradients `da` (panels) as they belong to the vectors that were multiplied: (gradients, rows, which)."""
        return da, self.flat, self.steps.places

    def empty(self) -> tuple[Array, Array]:
        """Room for the gradient of x, with zeros where sequences have no step; and the same as rows."""
        dx = room(self.x.shape, self.x.dtype)
        rows = dx.reshape(self.flat.shape)
        rows[self.steps.gaps] = 0
        return dx, rows

    def back(self, engine: Engine, params: Params, d: Array) -> Array:
        """From the gradients that `vectors` gives to that of x."""
        dx, rows = self.empty()
        into(engine, params, d, rows, self.steps.places)
        return dx

    def alongside(
        self, engine: Engine, cell: Cell, params: Params, packed: Array | None
    ) -> tuple[Array, tuple[Array, int, Track]]:
        """The gradient of x for who walks back and has those of all gates packed at every step: room for it, and the walk's last product.
        `packed`: Wx as the way there has multiplied with it."""
        wx, units, (dx, rows) = params["Wx"], params["Wh"].shape[0], self.empty()
        columns = [cell.columns((g,), units) for g in cell.gates]
        turned = engine.pack(wx, columns, turned=True, rows=self.steps.rows, packed=packed)
        return dx, (turned, len(wx), Track(rows, self.steps.begins, self.steps.places))


@attrs.frozen(eq=False)
class Words:
    """Words (N, T), rows of a table (V, D). What depends on the word alone is computed once for each word that occurs, and
    the gradients of its places are summed before they go further: the products shrink from places to words."""

    table: Array
    words: Array
    steps: Timetable
    order: Array = attrs.field(init=False)
    """The rows of all steps, brought together by word."""
    starts: Array = attrs.field(init=False)
    """Where each word's rows begin in `order`, and their end."""
    found: Array = attrs.field(init=False)
    """The words that occur, ascending."""

    def __attrs_post_init__(self) -> None:
        read = self.words.reshape(-1)[self.steps.places]
        order = np.argsort(read, kind="stable")
        ranked = read[order]
        first = np.ones(len(read) + 1, bool)  # of its word; and the end
        np.not_equal(ranked[1:], ranked[:-1], out=first[1:-1])
        starts = np.flatnonzero(first)
        for name, value in (("order", order), ("starts", starts), ("found", ranked[starts[:-1]])):
            object.__setattr__(self, name, np.ascontiguousarray(value, np.intp))

    @property
    def shape(self) -> tuple[int, int]:
        return self.words.shape[0], self.words.shape[1]

    def given(self, engine: Engine, cell: Cell, params: Params) -> tuple[list[Track], Track | None, list[Array] | None]:
        """As for sequences."""
        units, wx = params["Wh"].shape[0], params["Wx"]
        out = engine.panels(len(self.found), len(cell.gates), units, wx.dtype)
        packed = engine.pack(wx, [cell.columns((g,), units) for g in cell.gates], rows=len(self.found))
        engine.product(out, self.table, packed, units, a_places=self.found, bias=params["b"])
        which = np.empty(self.steps.rows, np.intp)
        which[self.order] = np.repeat(np.arange(len(self.found)), np.diff(self.starts))
        return [Track(out[:, part], self.steps.begins, which) for part in range(len(cell.gates))], None, None

    def vectors(self, engine: Engine, da: Array, units: int) -> tuple[Array, Array, Array]:
        """As for sequences; the gradients are summed word by word."""
        summed = engine.panels(len(self.found), da.shape[1], units, da.dtype)
        engine.sum_groups(summed, da, self.order, self.starts)
        return summed, self.table, self.found

    def back(self, engine: Engine, params: Params, d: Array) -> Array:
        """As for sequences; the gradient is that of the table (V, D)."""
        dtable = room(self.table.shape, d.dtype)
        dtable[...] = 0
        into(engine, params, d, dtable, self.found)
        return dtable


def into(engine: Engine, params: Params, da: Array, out: Array, places: Array) -> None:
    """The rows `places` of `out` become da Wx^T."""
    wx, units = params["Wx"], params["Wh"].shape[0]
    packed = engine.pack(wx, [slice(0, wx.shape[1])], turned=True, rows=len(places))
    engine.product(out, da, packed, len(wx), a_units=units, out_places=places)
