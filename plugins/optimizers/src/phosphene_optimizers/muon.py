"""Muon: matrices move by orthogonal steps."""

from collections.abc import Mapping
from fnmatch import fnmatchcase

import attrs
import numpy as np

from phosphene_core.errors import PhospheneError
from phosphene_core.layer import Array, Params
from phosphene_core.optimizer import Optimizer, State
from phosphene_core.options import option
from phosphene_optimizers.adam import Adam

QUINTIC = (3.4445, -4.7750, 2.0315)
"""Of x, x³ and x⁵: five times one after the other take every number from 0.003 to 1 to between 0.68 and 1.14 (Jordan 2024)."""
ROUNDS = 5
SMALLEST = 1e-30
"""Below this sum of squares a momentum is none."""


@attrs.frozen
class Muon(Optimizer):
    """A matrix moves by the orthogonal matrix nearest to its momentum, p -= learning_rate * strength * sqrt(max(rows,
    columns)) * U V^T where the momentum is U S V^T: what a gradient says softly counts as much as what it says loudly. Jordan et
    al. 2024; `strength` after Liu et al. 2025, who choose 0.2 so that a step is as long as Adam's.

    Filters (F, C, h, w) are matrices (F, C h w). Vectors, and matrices whose name fits a pattern in `adam`, move as by Adam with
    the same learning rate. The momentum is Nesterov's.
    """

    learning_rate: float = option(1e-3, "size of a step", ge=0)
    strength: float = option(0.2, "root mean square of a matrix's step, in learning rates", gt=0)
    momentum: float = option(0.95, "how much of a matrix's velocity stays from step to step", ge=0, lt=1)
    adam: tuple[str, ...] = option(
        ("*embed*", "*vocab*", "scores.*"),
        "shell patterns of the names of matrices that Adam moves: tables of words, and the last layer",
    )
    beta1: float = option(0.9, "Adam's: how much of the mean gradient stays from step to step", ge=0, lt=1)
    beta2: float = option(0.999, "Adam's: how much of the mean square stays from step to step", ge=0, lt=1)
    eps: float = option(1e-8, "Adam's: added to the root of the mean square", gt=0)
    weight_decay: float = option(0.0, "p -= learning_rate * weight_decay * p besides, for matrices that are orthogonalized", ge=0)

    def start(self, params: Params) -> State:
        """The velocity of each matrix, "velocity.conv1.W"; Adam's state for the rest."""
        rest = {k: v for k, v in params.items() if not self.turns(k, v)}
        matrices = {f"velocity.{k}": np.zeros_like(v, order="C") for k, v in params.items() if k not in rest}
        return {**self._adam.start(rest), **matrices}

    def turns(self, name: str, parameter: Array) -> bool:
        """Whether a parameter's steps are orthogonal."""
        return np.ndim(parameter) > 1 and not any(fnmatchcase(name, pattern) for pattern in self.adam)

    def update(self, params: dict[str, Array], grads: Mapping[str, Array], state: State, scale: float = 1.0) -> None:
        """One update in place; see `Optimizer.update`. Errors: `PhospheneError` before anything is changed."""
        matrices = [k for k in grads if k in params and self.turns(k, params[k])]
        for name in matrices:
            velocity = state.get(f"velocity.{name}")
            if velocity is None:
                raise PhospheneError(f"the optimizer's state has nothing for '{name}'; it was started for other parameters")
            if not velocity.shape == grads[name].shape == params[name].shape:
                raise PhospheneError(f"the gradient of '{name}' is {grads[name].shape}; the parameter is {params[name].shape}")
        self._adam.update(params, {k: g for k, g in grads.items() if k not in matrices}, state, scale)
        rate = self.learning_rate * scale
        for name in matrices:
            parameter, velocity, gradient = params[name], state[f"velocity.{name}"], grads[name]
            velocity *= self.momentum
            velocity += gradient
            step = orthogonal((gradient + self.momentum * velocity).reshape(len(gradient), -1))
            parameter *= 1 - rate * self.weight_decay
            parameter -= (rate * self.strength * max(step.shape) ** 0.5) * step.reshape(parameter.shape)

    @property
    def _adam(self) -> Adam:
        return Adam(self.learning_rate, beta1=self.beta1, beta2=self.beta2, eps=self.eps)


def orthogonal(matrix: Array) -> Array:
    """About U V^T for a matrix (M, N) that is U S V^T: its singular values become numbers near 1, but for those below some
    3/1000 of the largest. Newton and Schulz's iteration, of which only the last product needs the matrix itself: the rest goes
    on with its square, as small as its short side."""
    wide = matrix.shape[0] <= matrix.shape[1]
    gram = matrix @ matrix.T if wide else matrix.T @ matrix
    square = float(np.trace(gram))
    if square < SMALLEST:  # what is no number goes on, and is noticed
        return np.zeros_like(matrix)
    a, b, c = (gram.dtype.type(v) for v in QUINTIC)
    gram /= square
    whole: Array | None = None
    for number in range(ROUNDS):
        factor = b * gram + c * (gram @ gram)
        factor.flat[:: len(gram) + 1] += a
        whole = factor if whole is None else factor @ whole
        if number + 1 < ROUNDS:
            gram = factor @ gram @ factor
    whole = whole / gram.dtype.type(square**0.5)
    return whole @ matrix if wide else matrix @ whole
