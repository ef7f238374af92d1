"""How much more probable a class is than all the others together."""

import attrs
import numpy as np

from phosphene_core.layer import Array
from phosphene_core.objective import Traced
from phosphene_fooling.search import Aim


@attrs.frozen(eq=False)
class LogOdds(Aim):
    """log(p / (1 - p)) of a class; where `away` is set, the negative of that. Unlike the probability it keeps its slope
    when the model is sure, and unlike the lead over the runner-up it does not turn when another one becomes that.

    `classes` (N,) indexes, `away` (N,) booleans, `layer` the name of the scores.
    """

    classes: Array
    away: Array
    layer: str

    def select(self, rows: Array) -> "LogOdds":
        return LogOdds(self.classes[rows], self.away[rows], self.layer)

    def __call__(self, trace: Traced) -> tuple[Array, dict[str, Array]]:
        scores = trace[self.layer]
        rows = np.arange(len(scores))
        others = scores.copy()
        others[rows, self.classes] = -np.inf
        highest = others.max(axis=1, keepdims=True)
        weights = np.exp(others - highest)
        total = weights.sum(axis=1, keepdims=True)
        seed = -weights / total
        seed[rows, self.classes] = 1
        sign = np.where(self.away, -1, 1).astype(scores.dtype)
        odds = scores[rows, self.classes] - (highest + np.log(total))[:, 0]
        return sign * odds, {self.layer: sign[:, None] * seed}

    def seen(self, trace: Traced) -> Array:
        return np.asarray(trace[self.layer].argmax(axis=1))

    def reached(self, seen: Array) -> Array:
        return np.asarray((seen == self.classes) != self.away)
