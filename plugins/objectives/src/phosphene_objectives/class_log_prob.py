"""How probable the model finds a class."""

from typing import Any, Self

import attrs
import numpy as np

from phosphene_core.layer import Array
from phosphene_core.objective import Objective, Traced
from phosphene_core.options import option
from phosphene_objectives.target import Target, indexes, named, one_hot, picked, settle


@attrs.frozen
class ClassLogProb(Objective):
    """The logarithm of a class's probability: rises with the evidence for it, and with evidence against the others."""

    target: Target = option(None, "class: its name, id or index; none: the model's own prediction")
    scores: str = attrs.field(default="scores", kw_only=True)

    def bound(self, model: Any, images: Array) -> Self:
        return attrs.evolve(self, target=settle(self.target, model, images), scores=model.scores)

    def select(self, rows: Array) -> Self:
        return attrs.evolve(self, target=picked(self.target, rows))

    def __call__(self, trace: Traced) -> tuple[Array, dict[str, Array]]:
        scores = trace[self.scores]
        wanted = indexes(self.target, scores)
        shifted = scores - scores.max(axis=1, keepdims=True)
        logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        return logs[np.arange(len(logs)), wanted], {self.scores: one_hot(scores, wanted) - np.exp(logs)}

    def describe(self, model: Any) -> str:
        return f"log-probability of {named(self.target, model)}"
