"""What every objective promises."""

from typing import Any

import numpy as np

from phosphene_core.layer import Array
from phosphene_core.objective import Objective, image_gradient
from phosphene_core.testing.contract import ContractError, example_of, require, unchanged
from phosphene_core.testing.tiny import tiny_classifier, tiny_pictures


def check_objective(objective: Objective | type[Objective], model: Any = None, images: Array | None = None) -> None:
    """Hold an objective to its contract on a model: one number per picture, seeds for activations that there are, a
    gradient that agrees with a directional derivative, `select` that asks the same of the pictures that it names, and
    adding and scaling that add and scale both. A class may bring its own `example(rng)`: an objective, or (objective,
    model, images)."""
    rng = np.random.default_rng(2)
    model = tiny_classifier() if model is None else model
    images = model.preprocess(list(tiny_pictures(2))) if images is None else images
    if isinstance(objective, type):
        example = example_of(objective, rng, lambda made: made)
        objective, model, images = example if isinstance(example, tuple) else (example, model, images)
    assert isinstance(objective, Objective)
    with unchanged("the objective", the_pictures=images, the_parameter=dict(model.params)):
        asked = objective.bound(model, images)
        _check_seeds(asked, model, images)
        gradient, value = image_gradient(model, images, asked)
    require(gradient.shape == images.shape, f"the gradient has shape {gradient.shape}, not {images.shape}")
    direction = gradient / max(1e-12, float(np.sqrt((gradient**2).sum()))) + rng.standard_normal(images.shape) * 1e-3
    size = 0.05
    high, low = (image_gradient(model, (images + s * direction).astype(images.dtype), asked)[1] for s in (size, -size))
    numeric, exactly = float((high - low).sum()) / (2 * size), float((gradient * direction).sum())
    require(
        abs(numeric - exactly) <= 0.05 * max(1e-3, abs(numeric), abs(exactly)),
        f"the gradient along a direction is {exactly:.5g}; the central difference is {numeric:.5g}",
    )
    turned = np.arange(len(images))[::-1]
    found = image_gradient(model, images[turned], asked.select(turned))[1]
    require(
        np.allclose(found, value[turned], rtol=1e-3, atol=1e-5),
        f"select({turned.tolist()}) does not ask the same of those pictures: {found.tolist()}, not {value[turned].tolist()}",
    )
    twice, doubled = image_gradient(model, images, 2.0 * asked)
    require(np.allclose(doubled, 2 * value, rtol=1e-5) and np.allclose(twice, 2 * gradient, rtol=1e-4, atol=1e-6),
            "twice the objective does not give twice the value and the gradient")  # fmt: skip
    require(bool(asked.describe(model).strip()), "describe(model) must say in words what is asked")


def _check_seeds(asked: Objective, model: Any, images: Array) -> None:
    """The form of what a call gives, before anything is computed with it."""
    trace = model.trace(images, upto=asked.upto(model))
    made = asked(trace)
    right = isinstance(made, tuple) and len(made) == 2 and isinstance(made[1], dict)
    require(right, f"an objective must return (value per picture, seeds by activation), not {type(made).__name__}")
    value, seeds = made
    require(np.shape(value) == (len(images),), f"the value must be one number per picture, not shape {np.shape(value)}")
    for name, seed in seeds.items():
        try:
            activation = trace[name]
        except Exception:
            raise ContractError(f"a seed is named '{name}', which is no activation of the trace") from None
        if isinstance(activation, np.ndarray):
            require(np.shape(seed) == activation.shape, f"the seed of {name} has shape {np.shape(seed)}, not {activation.shape}")
