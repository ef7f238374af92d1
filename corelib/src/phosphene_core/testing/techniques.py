"""What every technique promises."""

from typing import Any

import numpy as np

from phosphene_core.layer import Array
from phosphene_core.objective import Objective
from phosphene_core.technique import Attribution, Generation, Technique
from phosphene_core.testing.contract import ContractError, example_of, require, unchanged
from phosphene_core.testing.tiny import tiny_classifier, tiny_pictures

FRAMES = 3


class FirstScore(Objective):
    """The first class's score: an objective that needs no plugin."""

    def __call__(self, trace: Any) -> tuple[Array, dict[str, Array]]:
        scores = trace["scores"]
        seed = np.zeros_like(scores)
        seed[:, 0] = 1
        return scores[:, 0], {"scores": seed}


def check_technique(
    technique: Technique | type[Technique],
    model: Any = None,
    images: Array | None = None,
    objective: Objective | None = None,
) -> None:
    """Hold a technique to its contract on a model (a tiny one by default): shapes, the same seed the same bytes, model
    and pictures unchanged, a batch equal to its pictures one by one where nothing is random, an empty batch."""
    model = tiny_classifier() if model is None else model
    images = model.preprocess(list(tiny_pictures(2))) if images is None else images
    if isinstance(technique, type):
        technique = example_of(technique, np.random.default_rng(0), lambda made: made)
    asked = (FirstScore() if objective is None else objective).bound(model, images)
    with unchanged("the technique changed the model's parameters or the pictures", dict(model.params), images):
        one, two = (_maps(technique, model, images, asked) for _ in range(2))
    require(one.shape[0] == len(images), f"{len(images)} pictures gave {one.shape[0]} results")
    require(one.tobytes() == two.tobytes(), "the same seed gave other results")
    require(bool(np.isfinite(one).all()), "the result holds NaN or infinite values")
    if isinstance(technique, Attribution):
        require(one.shape == (len(images), *images.shape[2:]), f"maps must be (N, H, W), not {one.shape}")
        empty = _maps(technique, model, images[:0], asked.select(np.arange(0)))
        require(len(empty) == 0, "an empty batch must give no maps")


def _maps(technique: Any, model: Any, images: Array, objective: Objective) -> Array:
    rng = np.random.default_rng(4)
    if isinstance(technique, Attribution):
        return technique.attribute(model, images, objective, rng).maps
    if not isinstance(technique, Generation):
        raise ContractError(f"{type(technique).__name__} is neither an Attribution nor a Generation")
    frame = None
    for i, frame in enumerate(technique.frames(model, images, objective, rng), 1):
        require(0 <= frame.step <= frame.steps, f"a frame says step {frame.step} of {frame.steps}")
        if i == FRAMES:
            break
    require(frame is not None, "the technique yielded no frame")
    assert frame is not None
    return frame.images
