"""Gradient ascent on pictures: the loop that every generation technique of this kind shares."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from phosphene_core.errors import PhospheneError
from phosphene_core.layer import Array
from phosphene_core.objective import Objective, image_gradient, image_value
from phosphene_core.optimizer import Optimizer
from phosphene_core.technique import Frame
from phosphene_imageopt.canvas import Canvas
from phosphene_imageopt.regularizers import UNIT, Regularizer
from phosphene_imageopt.transforms import Transform

PATIENCE = 20
"""Steps in which every picture's gradient may be zero, and fresh noise is tried, before that is an error."""


def ascend(
    model: Any,
    objective: Objective,
    canvas: Canvas,
    start: Array,
    optimizer: Optimizer,
    steps: int,
    rng: np.random.Generator,
    *,
    transforms: Sequence[Transform] = (),
    regularizers: Sequence[tuple[float, Regularizer]] = (),
    blur: float = 0.0,
    anneal: bool = False,
    relative: bool = False,
) -> Iterator[Frame]:
    """Frames 0 (the start) to `steps` of pictures that raise the bound objective.

    `start`: coordinates on the canvas, left unchanged. `regularizers`: with their weights; a weight of 0 costs
    nothing; with `relative` they hold whatever the objective's scale, for its gradient is first brought to the same size
    at every step. `blur`: pixels of Gaussian blur after each step. A frame's values are those that the model gave when it
    saw the picture, so under random transforms they waver; the last frame's are those of the picture itself. A picture
    that the objective does not react to is given fresh noise; `PhospheneError` if none reacts for `PATIENCE` steps.
    """
    coordinates = np.array(start)
    state = optimizer.start({"picture": coordinates})
    reacted = np.zeros(len(coordinates), bool)
    for step in range(steps):
        images, pull = canvas.decode(coordinates)
        seen, backs = images, []
        for transform in transforms:
            seen, back = transform(seen, rng)
            backs.append(back)
        gradient, values = image_gradient(model, seen, objective)
        for back in reversed(backs):
            gradient = back(gradient)
        reacted |= gradient.any(axis=(1, 2, 3))
        check_reaction(reacted, step, objective, model)
        yield Frame(step, steps, images, values)
        left = 1 - step / steps if anneal else 1.0
        if relative:  # regularizers are means over the pixels in units of 255; so is the objective then
            size = np.sqrt(np.square(gradient).mean(axis=(1, 2, 3), keepdims=True)) * (UNIT * images[0, 0].size)
            gradient = gradient / np.where(size > 0, size, 1)
        for weight, regularizer in regularizers:
            if weight:
                gradient = gradient - images.dtype.type(weight * left**2) * regularizer(images)[1]
        optimizer.update({"picture": coordinates}, {"picture": -pull(gradient)}, state, left)
        if not reacted.all():
            coordinates[~reacted] += canvas.noise(images[~reacted], rng)
        if blur:
            coordinates[...] = canvas.blur(coordinates, blur)
        canvas.settle(coordinates)
    images, _ = canvas.decode(coordinates)
    yield Frame(steps, steps, images, image_value(model, images, objective))


def check_reaction(reacted: Array, step: int, objective: Objective, model: Any) -> None:
    """`PhospheneError` if, `PATIENCE` steps in, no picture has had a gradient that is not zero."""
    if len(reacted) and step >= PATIENCE and not reacted.any():
        raise PhospheneError(
            f"the gradient of {objective.describe(model)} is zero for every picture, whatever noise it starts from: "
            "the model does not react (a dead channel, or a saturated layer); ask about another one"
        )
