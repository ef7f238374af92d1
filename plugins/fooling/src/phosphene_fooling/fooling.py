"""A picture that looks the same to people and like something else to the model."""

from collections.abc import Iterator
from typing import ClassVar

import attrs
import numpy as np

from phosphene_core.errors import PhospheneError
from phosphene_core.layer import Array, Need, Pass
from phosphene_core.model import ImageModel
from phosphene_core.objective import Objective
from phosphene_core.options import option
from phosphene_core.technique import Frame, Generation
from phosphene_fooling.log_odds import LogOdds
from phosphene_fooling.norms import NORMS
from phosphene_fooling.search import Aim, search
from phosphene_fooling.walks import METHODS, way


@attrs.frozen
class Fooling(Generation):
    """The least change by which a model sees another class.

    Changes a picture as little as it takes for the model to see the class that is asked about; if the model sees that
    class already (as when no class is named), to see any other.

    `least_change` walks to the border of the class and along it to where it is nearest (Szegedy et al. 2014; Rony et
    al. 2019). `fgsm` is one step as far as `epsilon` allows (Goodfellow et al. 2015), `pgd` many small ones from a
    random start (Madry et al. 2018). Pixel values stay whole, so that a saved picture still fools. Each frame's facts:
    `fooled`, `class` (what the model sees now), `largest_change` and `length_of_change` in pixel values.
    """

    paper: ClassVar[str] = "Szegedy et al. 2014; Goodfellow et al. 2015; Madry et al. 2018; Rony et al. 2019"
    examples: ClassVar[tuple[str, ...]] = ("class_score:target=pretzel", "class_score:target=teapot")

    says: ClassVar[str] = "class"
    """The name of the fact that holds what the model sees now."""

    method: str = option("least_change", "how it fools", choices=METHODS)
    norm: str = option("linf", "how a change is measured: its largest pixel, or its Euclidean length", choices=NORMS)
    epsilon: float = option(8.0, "bound of fgsm and pgd in pixel values, by the norm", ge=1)
    steps: int = option(100, "steps at most", ge=1)

    def frames(
        self, model: ImageModel, images: Array, objective: Objective, rng: np.random.Generator
    ) -> Iterator[Frame]:
        aim = self.aim(model, images, objective)
        walk = way(self.method, self.norm, self.epsilon)
        for frame in search(model, images, objective, aim, walk, 1 if self.method == "fgsm" else self.steps, rng):
            facts = {self.says if name == "seen" else name: fact for name, fact in frame.facts.items()}
            yield attrs.evolve(frame, facts=facts)

    def aim(self, model: ImageModel, images: Array, objective: Objective) -> Aim:
        """What is to be raised: the odds of the class that the objective asks for most, or the odds against it."""
        trace = model.trace(images, run=Pass(need=Need.NOTHING))
        seeds = objective(trace)[1]
        if model.scores not in seeds:
            raise PhospheneError(f"fooling needs a class to ask about, not {objective.describe(model)}")
        classes = seeds[model.scores].argmax(axis=1)
        return LogOdds(classes, trace[model.scores].argmax(axis=1) == classes, model.scores)
