"""How strongly the model scores a class."""

from typing import Any, Self

import attrs
import numpy as np

from phosphene_core.layer import Array
from phosphene_core.objective import Objective, Traced
from phosphene_core.options import option
from phosphene_objectives.target import Target, indexes, named, one_hot, picked, settle


@attrs.frozen
class ClassScore(Objective):
    """The unnormalized score of a class, as Simonyan, Vedaldi and Zisserman (2014) ask: unlike the probability, it
    rises only with the evidence for this class, not as the others fall."""

    target: Target = option(None, "class: its name, id or index; none: the model's own prediction")
    scores: str = attrs.field(default="scores", kw_only=True)

    def bound(self, model: Any, images: Array) -> Self:
        return attrs.evolve(self, target=settle(self.target, model, images), scores=model.scores)

    def select(self, rows: Array) -> Self:
        return attrs.evolve(self, target=picked(self.target, rows))

    def __call__(self, trace: Traced) -> tuple[Array, dict[str, Array]]:
        scores = trace[self.scores]
        wanted = indexes(self.target, scores)
        return scores[np.arange(len(scores)), wanted], {self.scores: one_hot(scores, wanted)}

    def describe(self, model: Any) -> str:
        return f"class {named(self.target, model)}"
