"""Why this class and not that one."""

from typing import Any, Self

import attrs
import numpy as np

from phosphene_core.layer import Array
from phosphene_core.objective import Objective, Traced
from phosphene_core.options import option
from phosphene_objectives.target import Target, indexes, named, one_hot, picked, settle


@attrs.frozen
class Contrast(Objective):
    """The score of one class less the score of another: what speaks for this, not that."""

    target: Target = option(None, "class: its name, id or index; none: the model's own prediction")
    against: Target = option(None, "the other class: its name, id or index; none: the most probable other one")
    scores: str = attrs.field(default="scores", kw_only=True)

    def bound(self, model: Any, images: Array) -> Self:
        target = settle(self.target, model, images)
        if self.against is None:
            first, second = (settle(None, model, images, place) for place in (0, 1))
            against = tuple(s if f == t else f for t, f, s in zip(target, first, second, strict=True))
        else:
            against = settle(self.against, model, images)
        return attrs.evolve(self, target=target, against=against, scores=model.scores)

    def select(self, rows: Array) -> Self:
        return attrs.evolve(self, target=picked(self.target, rows), against=picked(self.against, rows))

    def __call__(self, trace: Traced) -> tuple[Array, dict[str, Array]]:
        scores, rows = trace[self.scores], np.arange(len(trace[self.scores]))
        one = indexes(self.target, scores)
        other = indexes(scores_without(scores, one) if self.against is None else self.against, scores)
        return scores[rows, one] - scores[rows, other], {self.scores: one_hot(scores, one) - one_hot(scores, other)}

    def describe(self, model: Any) -> str:
        against = "the runner-up" if self.against is None else named(self.against, model)
        return f"class {named(self.target, model)} against {against}"


def scores_without(scores: Array, one: Array) -> tuple[int, ...]:
    """The best class per picture when `one` is left out."""
    rest = scores.copy()
    rest[np.arange(len(rest)), one] = -np.inf
    return tuple(int(i) for i in rest.argmax(axis=1))
