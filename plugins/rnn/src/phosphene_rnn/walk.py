"""A walk over the steps of a recurrent layer, there or back."""

from collections.abc import Mapping, Sequence

import attrs
import numpy as np

from phosphene_core.layer import Array
from phosphene_rnn.cell import Cell, Stage
from phosphene_rnn.engine import Engine
from phosphene_rnn.track import Lane, Leg, Track


def weights_there(engine: Engine, cell: Cell, w: Array, units: int, rows: int) -> list[Array]:
    """Wh or Wx for each forward stage, to be multiplied with so many rows: the columns of the gates that it makes."""
    return [engine.pack(w, [cell.columns((g,), units) for g in s.product], rows=rows) for s in cell.forward]


def weights_back(engine: Engine, cell: Cell, wh: Array, rows: int, packed: dict[tuple[str, ...], Array]) -> list[Array]:
    """Wh for each backward stage, to be multiplied with so many rows: turned, the columns of the gates whose gradients come to it from the stage before.
    `packed`: what the way there has multiplied with, by its gates; it is used up."""
    before = (cell.backward[-1], *cell.backward[:-1])
    gates = [tuple(d.removeprefix("d") for d in s.operand) for s in before]
    return [
        engine.pack(wh, [cell.columns((g,), wh.shape[0]) for g in own], turned=True, rows=rows, packed=packed.pop(own, None))
        for own in gates
    ]


@attrs.define
class Walk:
    """`stages`, each with its packed weights, over steps of at most `rows` sequences, `tile` of them at once. `operand` is what the next stage
    multiplies. `inputs`, where there are some, are multiplied by each stage's `inner` weights (None: not), besides. `last`: weights, of how
    many units, that multiply at every step what the last stage gave, and where that goes."""

    engine: Engine
    stages: tuple[Stage, ...]
    weights: list[Array]
    units: int
    rows: int
    tile: int
    operand: Array
    inputs: Track | None = None
    inner: Sequence[Array | None] | None = None
    last: tuple[Array, int, Track] | None = None
    _operands: list[tuple[Array, Array]] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        def room(stage: Stage) -> Array:
            return self.engine.operand(self.rows, len(stage.operand) * self.units, self.weights[0].dtype)

        self._operands = [(room(stage), room(stage)) for stage in self.stages]

    def go(self, lanes: Mapping[str, Lane], steps: range, counts: Array, products: Array) -> None:
        """Through all stages at each of `steps`, with counts[t] sequences at step t, of which products[t] have a product in
        the first stage. A stage's array whose name is not in `lanes` is neither read nor written."""
        if not len(steps):
            return
        legs, written = [], set[str]()
        for k, (stage, weights) in enumerate(zip(self.stages, self.weights, strict=True)):
            own = [_lane(lanes, stage, name, written) for name in stage.arrays]
            legs.append(Leg(stage, weights, own, self.inner[k] if self.inner else None, self._operands[k]))
            written.update(stage.writes)
        if self.last is not None:
            weights, width, target = self.last
            legs.append(Leg(None, weights, [Lane(target=target)], None, self._operands[-1], width))
        order = np.array(steps, np.intp)
        self.engine.walk(legs, self.operand, self.inputs, self.units, self.tile, order, counts, products)
        self.operand = self._operands[-1][steps[-1] % 2]


def _lane(lanes: Mapping[str, Lane], stage: Stage, name: str, written: set[str]) -> Lane:
    """Of a name's lane, what the stage uses. What an earlier stage of the step has written is read where it was written."""
    lane = lanes.get(name, Lane())
    target = lane.target if name in stage.writes else None
    if name not in stage.product and name not in stage.reads:
        return Lane(target=target)
    if name in written:
        return Lane(lane.target, None, target)
    return Lane(lane.source, lane.first, target, lane.also if name in stage.product else None)
