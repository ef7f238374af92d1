"""The search that every way to fool shares: a walk proposes changes, an aim says whether they do."""

from abc import abstractmethod
from collections.abc import Iterator

import numpy as np

from phosphene_core.errors import PhospheneError
from phosphene_core.layer import Array, Need, Pass
from phosphene_core.model import ImageModel
from phosphene_core.objective import Objective, Traced
from phosphene_core.technique import Frame
from phosphene_fooling.norms import length
from phosphene_fooling.walks import Walk

PATIENCE = 20
"""Steps without a smaller change after which a fooled picture is left as it is."""


class Aim(Objective):
    """What is raised so that the model says something else, and what it has to say for that."""

    @abstractmethod
    def seen(self, trace: Traced) -> Array:
        """What the model says of each picture (N,)."""

    @abstractmethod
    def reached(self, seen: Array) -> Array:
        """(N,) whether that is what was wanted."""


def search(
    model: ImageModel, images: Array, objective: Objective, aim: Aim, walk: Walk, steps: int, rng: np.random.Generator
) -> Iterator[Frame]:
    """Frames of changed pictures: for each the least change so far that reached the aim, or else the latest one tried.

    Values are the objective's; both it and the aim are bound. Facts, one for each picture: `fooled`, `seen`,
    `largest_change` and `length_of_change` in pixel values. `PhospheneError` if the model does not react.
    """
    low, high = model.pixel_range(images)
    change = walk.start(images, rng)
    best, values = images.copy(), np.zeros(len(images))
    seen: Array = np.zeros(len(images), object)
    sizes, improved = np.full(len(images), np.inf), np.zeros(len(images), int)
    live = np.arange(len(images))  # the pictures that are still worked on
    for step in range(steps + 1):
        tried = np.clip(images[live] + walk.whole(change[live]), low, high)
        last = step == steps
        trace = model.trace(tried, upto=aim.upto(model), run=Pass(need=Need.NOTHING if last else Need.INPUT))
        asked = aim.select(live)
        seeds = asked(trace)[1]
        says = asked.seen(trace)
        fooled = asked.reached(says)
        size = length(tried - images[live], walk.norm)
        better = fooled & (size < sizes[live])
        sizes[live[better]], improved[live[better]] = size[better], step
        shown = better | ~np.isfinite(sizes[live])
        best[live[shown]] = tried[shown]
        values[live[shown]] = objective.select(live)(trace)[0][shown]
        seen[live[shown]] = says[shown]
        settled = np.isfinite(sizes) & (not walk.refines or step - improved >= PATIENCE)
        ended = last or bool(settled.all())
        yield Frame(step, step if ended else steps, best.copy(), values.copy(), {
            "fooled": np.isfinite(sizes), "seen": np.array(seen.tolist(), says.dtype.type),
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


def _check(gradient: Array, objective: Objective, model: ImageModel) -> None:
    if not np.isfinite(gradient).all():
        raise PhospheneError(f"the gradient of {objective.describe(model)} is not finite (NaN or infinite)")
    if gradient.size and not gradient.any():
        raise PhospheneError(f"the gradient of {objective.describe(model)} is zero: the model does not react to pixels")
