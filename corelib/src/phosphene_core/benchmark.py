"""What several plugins offer to `phosphene bench`: a layer's pass, made ready to be timed."""

from collections.abc import Callable
from typing import Any

import attrs
import numpy as np

from phosphene_core.layer import Array, Layer, Need, Pass


def layer_work(layer: Layer, x: Any, *, train: bool = False, back: bool = False) -> Callable[[], object]:
    """A function that runs `layer` forward over x (an array, or the tuple that it takes; batch axis first); with `back`
    it takes a gradient of ones to the inputs and the parameters, too."""
    run = Pass(train=train, rng=np.random.default_rng(0), need=Need.BOTH if back else Need.NOTHING)
    shapes = tuple(v.shape[1:] for v in x) if isinstance(x, tuple) else x.shape[1:]
    params, _ = layer.init(np.random.default_rng(1), shapes)
    y, _ = layer.forward(params, x, attrs.evolve(run, need=Need.NOTHING))
    dy: Array = np.ones_like(y)

    def work() -> object:
        out, backward = layer.forward(params, x, run)
        return backward(dy) if back else out

    return work
