"""What a recurrent layer promises besides: a step at a time leads where the whole run leads."""

from typing import Any

import numpy as np

from phosphene_core.layer import Params, Pass, RecurrentLayer
from phosphene_core.testing.contract import compare, require, unchanged


def check_steps(layer: RecurrentLayer, params: Params, inputs: Any, *, tolerance: float = 1e-9) -> None:
    """Hold `start`, `project`, `prepared` and `step` to `forward`: from the same state they give the same h.

    `inputs`: (x, h0) or (x, h0, lengths), as `forward` takes them; h0 may be a whole state.
    """
    require(isinstance(inputs, tuple) and len(inputs) >= 2, "a recurrent layer takes (x, h0) or (x, h0, lengths)")
    x, h0 = inputs[:2]
    want, _ = layer.forward(params, (x, h0), Pass())
    want = want[0] if isinstance(want, tuple) else want  # an attentive layer tells where it looked besides
    first = h0 if isinstance(h0, tuple) else layer.start(h0)
    require(isinstance(first, tuple) and len(first) > 0, "start must return the state as a tuple of arrays")
    if not isinstance(h0, tuple):
        require(np.array_equal(first[0], h0), "the first array of what start returns must be h0 itself")
    for name, quick in (("step", params), ("step with prepared parameters", layer.prepared(params))):
        state = first
        for t in range(x.shape[1]):
            with unchanged(name, its_state=state, its_input=x):
                h, following = layer.step(quick, layer.project(quick, x[:, t]), state)
            require(len(following) == len(first), f"{name} returned {len(following)} states of {len(first)}")
            compare(h, want[:, t], f"h of {name} {t}, beside forward's,", tolerance)
            state = following
