"""Contributions of the pixels that add up to the answer."""

from typing import ClassVar

import attrs
import numpy as np

from phosphene_core.baseline import BASELINES, baseline
from phosphene_core.channels import REDUCTIONS, reduce_channels
from phosphene_core.layer import Array
from phosphene_core.model import ImageModel
from phosphene_core.objective import Objective, image_gradient, image_value
from phosphene_core.options import option
from phosphene_core.technique import Attribution, Result

DOUBLINGS = 3


@attrs.frozen
class IntegratedGradients(Attribution):
    """The gradient, averaged along the straight way from a baseline to the picture, times the difference of the two.
    Sundararajan, Taly and Yan 2017. The integral is taken by Gauss-Legendre quadrature.

    The map (N, H, W) is in units of the objective and, with `sum`, adds up to its rise from the baseline to the
    picture (completeness). The facts tell that `rise`, by how much the maps miss it (`completeness_gap`, as a
    fraction), and how many `steps` each picture took, each (N,).
    """

    paper: ClassVar[str] = "Sundararajan, Taly, Yan 2017"

    steps: int = option(50, "points on the way from the baseline to the picture", ge=1)
    tolerance: float | None = option(
        0.01, f"completeness gap above which a picture is done again with twice the steps, at most {DOUBLINGS} times; "
        "none: never", gt=0,
    )  # fmt: skip
    baseline: str = option("mean", "where the way starts: the picture without anything to see", choices=BASELINES)
    channels: str = option(
        "sum", "how the colours' shares become one number: the signed sum, the largest magnitude, or the length",
        choices=REDUCTIONS,
    )  # fmt: skip
    batch_size: int = option(50, "points that are looked at in one go; fewer need less memory", ge=1)

    def attribute(self, model: ImageModel, images: Array, objective: Objective, rng: np.random.Generator) -> Result:
        start = baseline(model, images, self.baseline)
        values = image_value(model, images, objective)
        rise = values - image_value(model, start, objective)
        shares = np.zeros(images.shape)
        steps, gap = np.full(len(images), self.steps), np.zeros(len(images))
        rough = np.arange(len(images))  # the pictures that are not yet done well enough
        for doubling in range(DOUBLINGS + 1):
            steps[rough] = self.steps * 2**doubling
            shares[rough] = self.integral(
                model, start[rough], images[rough], objective.select(rough), self.steps * 2**doubling
            )
            missed = np.abs(shares[rough].sum(axis=(1, 2, 3)) - rise[rough])
            gap[rough] = missed / np.maximum(np.abs(rise[rough]), 1e-12)
            rough = rough[gap[rough] > (np.inf if self.tolerance is None else self.tolerance)]
            if not len(rough):
                break
        maps = reduce_channels(shares, self.channels).astype(images.dtype)
        return Result(maps, values, {"rise": rise, "completeness_gap": gap, "steps": steps})

    def integral(self, model: ImageModel, start: Array, end: Array, objective: Objective, steps: int) -> Array:
        """The shares (N, 3, H, W), in float64, with this number of steps."""
        nodes, weights = np.polynomial.legendre.leggauss(steps)  # on -1..1
        nodes, weights = (nodes + 1) / 2, weights / 2
        away = end - start
        mean = np.zeros(end.shape)
        total = steps * len(end)
        for first in range(0, total, self.batch_size):
            picture, step = np.divmod(np.arange(first, min(first + self.batch_size, total)), steps)
            part = nodes[step].astype(end.dtype)[:, None, None, None]
            gradient, _ = image_gradient(model, start[picture] + part * away[picture], objective.select(picture))
            for n in np.unique(picture):
                mean[n] += np.tensordot(weights[step[picture == n]], gradient[picture == n], axes=1)
        return away * mean
