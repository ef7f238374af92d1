"""What `phosphene bench` measures of a recurrent layer: whole sequences both ways, and single steps."""

from functools import partial
from typing import Any

import numpy as np

from phosphene_core.benchmark import layer_work
from phosphene_rnn.cell_layer import CellLayer

SIZES = ((25, 16, 256, 512), (128, 16, 256, 512), (128, 16, 512, 1024))
"""Sequences N, their length T, width of the inputs D and of the states H."""


def add(register: Any, name: str, kind: type[CellLayer]) -> None:
    """Offer the cases of one layer."""
    for n, t, d, h in SIZES:
        layer = kind(hidden=h)
        products = 2.0 * n * t * (d + h) * h * len(layer.cell.gates)
        for back in (False, True):
            way = "forward and backward" if back else "forward"
            size = f"N={n} T={t} D={d} H={h}"
            register(
                "layer", f"{name}, {size}, {way}", partial(_pass, layer, n, t, d, back), products * (3 if back else 1)
            )
    register("layer", f"{name}, one step, N=100 D=256 H=512", partial(_step, kind(hidden=512), 100, 256))


def _pass(layer: CellLayer, n: int, t: int, d: int, back: bool) -> Any:
    rng = np.random.default_rng(0)
    x, h0 = rng.standard_normal((n, t, d), np.float32), rng.standard_normal((n, layer.hidden), np.float32)
    return layer_work(layer, (x, h0), back=back)


def _step(layer: CellLayer, n: int, d: int) -> Any:
    rng = np.random.default_rng(0)
    params, _ = layer.init(rng, ((1, d), (layer.hidden,)))
    prepared = layer.prepared(params)
    x, h0 = rng.standard_normal((n, d), np.float32), rng.standard_normal((n, layer.hidden), np.float32)
    state, projected = layer.start(h0), layer.project(prepared, x)
    return lambda: layer.step(prepared, projected, state)
