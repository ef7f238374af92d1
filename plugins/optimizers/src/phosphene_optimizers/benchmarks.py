"""What `phosphene bench` measures here: one update of the parameters of the course's network, 11.6 million numbers."""

from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from phosphene_core.optimizer import Optimizer

FILTERS = (3, 64, 64, 128, 128, 256, 256, 512, 512, 1024)


def add(register: Any, optimizers: dict[str, type[Optimizer]]) -> None:
    """Offer a case for each of the optimizers."""
    for name, kind in optimizers.items():
        register("kernel", f"{name}, update of 11.6 million numbers", partial(_update, kind))


def _update(kind: Any) -> Any:
    rng = np.random.default_rng(0)
    shapes: list[tuple[int, ...]] = [(4096, 512), (512, 100)]
    for i, (before, after) in enumerate(pairwise(FILTERS)):
        size = 3 if i else 5
        shapes += [(after, before, size, size), (after,), (after,), (after,)]
    params = {str(i): rng.standard_normal(shape, np.float32) for i, shape in enumerate(shapes)}
    grads = {k: rng.standard_normal(v.shape, np.float32) for k, v in params.items()}
    optimizer = kind()
    state = optimizer.start(params)
    return lambda: optimizer.update(params, grads, state)
