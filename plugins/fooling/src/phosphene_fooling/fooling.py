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
from phosphene_fooling.norms import NORMS, length
from phosphene_fooling.walks import Bounded, LeastChange, Walk

PATIENCE = 20
"""Steps without a smaller change after which a fooled picture is left as it is."""


@attrs.frozen
class Fooling(Generation):
    """Changes a picture as little as it takes for the model to see the class that is asked about; if the model sees
    that class already (as when no class is named), to see any other.

    `least_change` walks to the border of the class and along it to where it is nearest (Szegedy et al. 2014; Rony et
    al. 2019). `fgsm` is one step as far as `epsilon` allows (Goodfellow et al. 2015), `pgd` many small ones from a
    random start (Madry et al. 2018). Pixel values stay whole, so that a saved picture still fools. Each frame's facts:
    `fooled`, `class` (what the model sees now), `largest_change` and `length_of_change` in pixel values.
    """

    paper: ClassVar[str] = "Szegedy et al. 2014; Goodfellow et al. 2015; Madry et al. 2018; Rony et al. 2019"

    method: str = option("least_change", "how it fools", choices=("least_change", "fgsm", "pgd"))
    norm: str = option("linf", "how a change is measured: its largest pixel, or its Euclidean length", choices=NORMS)
    epsilon: float = option(8.0, "bound of fgsm and pgd in pixel values, by the norm", ge=1)
    steps: int = option(100, "steps at most", ge=1)

    def frames(
        self, model: ImageModel, images: Array, objective: Objective, rng: np.random.Generator
    ) -> Iterator[Frame]:
        odds = _asked(model, images, objective)
        low, high = model.pixel_range(images)
        walk = self._walk()
        steps = 1 if self.method == "fgsm" else self.steps
        change = walk.start(images, rng)
        best, values, classes = images.copy(), np.zeros(len(images)), np.zeros(len(images), int)
        sizes, improved = np.full(len(images), np.inf), np.zeros(len(images), int)
        live = np.arange(len(images))  # the pictures that are still worked on
        for step in range(steps + 1):
            tried = np.clip(images[live] + walk.whole(change[live]), low, high)
            last = step == steps
            trace = model.trace(tried, run=Pass(need=Need.NOTHING if last else Need.INPUT))
            asked = odds.select(live)
            seeds = asked(trace)[1]
            seen = trace[model.scores].argmax(axis=1)
            fooled = (seen == asked.classes) != asked.away
            size = length(tried - images[live], self.norm)
            better = fooled & (size < sizes[live])
            sizes[live[better]], improved[live[better]] = size[better], step
            shown = better | ~np.isfinite(sizes[live])
            best[live[shown]] = tried[shown]
            values[live[shown]] = objective.select(live)(trace)[0][shown]
            classes[live[shown]] = seen[shown]
            settled = np.isfinite(sizes) & (not walk.refines or step - improved >= PATIENCE)
            ended = last or bool(settled.all())
            yield Frame(step, step if ended else steps, best.copy(), values.copy(), {
                "fooled": np.isfinite(sizes), "class": classes.copy(),
                "largest_change": length(best - images, "linf"), "length_of_change": length(best - images, "l2"),
            })  # fmt: skip
            if ended:
                return
            gradient, _ = trace.backward(seeds)
            if step == 0:
                _check(gradient, objective, model)
            change[live] = walk.step(live, change[live], gradient, fooled, step / steps)
            change[live] = np.clip(images[live] + change[live], low, high) - images[live]
            live = live[~settled[live]]

    def _walk(self) -> Walk:
        if self.method == "least_change":
            return LeastChange(self.norm)
        single = self.method == "fgsm"
        return Bounded(self.norm, self.epsilon, self.epsilon * (1 if single else 0.25), random_start=not single)


def _asked(model: ImageModel, images: Array, objective: Objective) -> LogOdds:
    """What is to be raised: the odds of the class that the objective asks for most, or the odds against it."""
    trace = model.trace(images, run=Pass(need=Need.NOTHING))
    seeds = objective(trace)[1]
    if model.scores not in seeds:
        raise PhospheneError(f"fooling needs a class to ask about, not {objective.describe(model)}")
    classes = seeds[model.scores].argmax(axis=1)
    return LogOdds(classes, trace[model.scores].argmax(axis=1) == classes, model.scores)


def _check(gradient: Array, objective: Objective, model: ImageModel) -> None:
    if not np.isfinite(gradient).all():
        raise PhospheneError(f"the gradient of {objective.describe(model)} is not finite (NaN or infinite)")
    if gradient.size and not gradient.any():
        raise PhospheneError(f"the gradient of {objective.describe(model)} is zero: the model does not react to pixels")
