"""What every technique promises."""

from typing import Any

import numpy as np

from phosphene_core.layer import Array
from phosphene_core.objective import Objective, image_value
from phosphene_core.technique import Attribution, Frame, Generation, Result, Technique
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
    and pictures unchanged, an attribution's values the objective's own of the pictures, a batch equal to its pictures one by
    one where the seed makes no difference, an empty batch."""
    model = tiny_classifier() if model is None else model
    images = model.preprocess(list(tiny_pictures(2))) if images is None else images
    if isinstance(technique, type):
        technique = example_of(technique, np.random.default_rng(0), lambda made: made)
    asked = (FirstScore() if objective is None else objective).bound(model, images)
    with unchanged("the technique", the_pictures=images, the_parameter_of_the_model=dict(model.params)):
        (one, values), (two, _) = (_made(technique, model, images, asked) for _ in range(2))
    require(one.shape[0] == len(images), f"{len(images)} pictures gave {one.shape[0]} results")
    require(one.tobytes() == two.tobytes(), "the same seed gave other results: draw from the rng that was passed in")
    require(bool(np.isfinite(one).all()), "the result holds NaN or infinite values")
    if not isinstance(technique, Attribution):
        return
    require(one.shape == (len(images), *images.shape[2:]), f"maps must be (N, H, W), not {one.shape}")
    own = image_value(model, images, asked)
    require(np.allclose(values, own, rtol=1e-3, atol=1e-6), f"values must be the objective's of the pictures: {own}, not {values}")
    if np.array_equal(one, _made(technique, model, images, asked, seed=5)[0]):
        for i in range(len(images)):
            alone, _ = _made(technique, model, images[i : i + 1], asked.select(np.array([i])))
            near = np.allclose(alone[0], one[i], rtol=1e-3, atol=1e-3 * float(np.abs(one[i]).max()))
            require(near, f"picture {i} alone gave another map than in a batch of {len(images)}")
    empty, _ = _made(technique, model, images[:0], asked.select(np.arange(0)))
    require(len(empty) == 0, "an empty batch must give no maps")


def _made(technique: Any, model: Any, images: Array, objective: Objective, seed: int = 4) -> tuple[Array, Array]:
    """The maps, or the pictures after a few frames, and the values, once their form is as promised."""
    rng = np.random.default_rng(seed)
    if isinstance(technique, Attribution):
        result = technique.attribute(model, images, objective, rng)
        require(isinstance(result, Result), f"attribute must return a Result, not {type(result).__name__}")
        count = len(images)
        require(np.shape(result.values) == (count,), f"values must be one number per picture, not {np.shape(result.values)}")
        return result.maps, result.values
    if not isinstance(technique, Generation):
        raise ContractError(f"{type(technique).__name__} is neither an Attribution nor a Generation")
    frame, before = None, 0
    for i, frame in enumerate(technique.frames(model, images, objective, rng), 1):
        require(isinstance(frame, Frame), f"frames must yield Frame objects, not {type(frame).__name__}")
        require(0 <= frame.step <= frame.steps, f"a frame says step {frame.step} of {frame.steps}")
        require(frame.step >= before, f"a frame says step {frame.step} after step {before}")
        right = frame.images.ndim == 4 and frame.images.shape[1] == images.shape[1]
        require(right, f"a frame's images must be (N, {images.shape[1]}, H, W), not {frame.images.shape}")
        before = frame.step
        if i == FRAMES:
            break
    require(frame is not None, "the technique yielded no frame")
    assert frame is not None
    return frame.images, frame.values
