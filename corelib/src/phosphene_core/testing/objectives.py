"""What every objective promises."""

from typing import Any

import numpy as np

from phosphene_core.layer import Array
from phosphene_core.objective import Objective, image_gradient
from phosphene_core.testing.contract import example_of, require
from phosphene_core.testing.tiny import tiny_classifier, tiny_pictures


def check_objective(objective: Objective | type[Objective], model: Any = None, images: Array | None = None) -> None:
    """Hold an objective to its contract on a model: one number per picture, and a gradient that agrees with a
    directional derivative; adding and scaling it adds and scales both. A class may bring its own
    `example(rng)`: an objective, or (objective, model, images)."""
    rng = np.random.default_rng(2)
    model = tiny_classifier() if model is None else model
    images = model.preprocess(list(tiny_pictures(2))) if images is None else images
    if isinstance(objective, type):
        example = example_of(objective, rng, lambda made: made)
        objective, model, images = example if isinstance(example, tuple) else (example, model, images)
    assert isinstance(objective, Objective)
    asked = objective.bound(model, images)
    gradient, value = image_gradient(model, images, asked)
    require(np.shape(value) == (len(images),), f"the value must be one number per picture, not shape {np.shape(value)}")
    require(gradient.shape == images.shape, f"the gradient has shape {gradient.shape}, not {images.shape}")
    direction = gradient / max(1e-12, float(np.sqrt((gradient**2).sum()))) + rng.standard_normal(images.shape) * 1e-3
    size = 0.05
    high, low = (image_gradient(model, (images + s * direction).astype(images.dtype), asked)[1] for s in (size, -size))
    numeric, exactly = float((high - low).sum()) / (2 * size), float((gradient * direction).sum())
    require(
        abs(numeric - exactly) <= 0.05 * max(1e-3, abs(numeric), abs(exactly)),
        f"the gradient along a direction is {exactly:.5g}; the central difference is {numeric:.5g}",
    )
    twice, doubled = image_gradient(model, images, 2.0 * asked)
    require(np.allclose(doubled, 2 * value, rtol=1e-5) and np.allclose(twice, 2 * gradient, rtol=1e-4, atol=1e-6),
            "twice the objective does not give twice the value and the gradient")  # fmt: skip
