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
from phosphene_integrated_gradients.quadrature import METHODS, calibration, points

DOUBLINGS = 3


@attrs.frozen
class IntegratedGradients(Attribution):
    """The pixels' shares, which add up to the answer.

    The gradient, averaged along the straight way from a baseline to the picture, times the difference of the two.
    Sundararajan, Taly and Yan 2017.

    The map (N, H, W) is in units of the objective and, with `sum`, adds up to its rise from the baseline to the
    picture (completeness). The facts tell that `rise`, by how much the maps miss it (`completeness_gap`, as a
    fraction), by how much the plain rule missed it before `calibrated` shared the rest out (`quadrature_gap`), and how
    many `steps` each picture took, each (N,).
    """

    paper: ClassVar[str] = "Sundararajan, Taly, Yan 2017"

    steps: int = option(50, "points on the way from the baseline to the picture", ge=1)
    method: str = option(
        "calibrated", "how the points are placed and weighed: calibrated (midpoints, weighed so that the shares add up), "
        "midpoint, or gausslegendre (captum's)", choices=METHODS,
    )  # fmt: skip
    tolerance: float | None = option(
        0.1, "quadrature gap above which a picture is done again with twice the steps, at most "
        f"{DOUBLINGS} times; none: never", gt=0,
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
        rise = (values - image_value(model, start, objective)).astype(np.float64)
        shares = np.zeros(images.shape)
        steps = np.full(len(images), self.steps)
        gap = np.zeros(len(images))  # as the plain rule leaves it
        rough = np.arange(len(images))  # the pictures that are not yet done well enough
        for doubling in range(DOUBLINGS + 1):
            steps[rough] = self.steps * 2**doubling
            for n in rough:
                shares[n], gap[n] = self.integral(
                    model, start[n], images[n], objective.select(np.array([n])), int(steps[n]), rise[n]
                )
            rough = rough[gap[rough] > (np.inf if self.tolerance is None else self.tolerance)]
            if not len(rough):
                break
        maps = reduce_channels(shares, self.channels).astype(images.dtype)
        missed = relative(shares.sum(axis=(1, 2, 3)), rise)
        return Result(maps, values, {"rise": rise, "completeness_gap": missed, "quadrature_gap": gap, "steps": steps})

    def integral(
        self, model: ImageModel, start: Array, end: Array, objective: Objective, steps: int, rise: float
    ) -> tuple[Array, float]:
        """One picture's shares (3, H, W), in float64, with this number of steps, and the plain rule's gap."""
        nodes, weights = points(self.method, steps)
        away = end - start
        plain, trend = np.zeros(end.shape), np.zeros(end.shape)
        slopes = np.zeros(0)
        before = np.zeros((0, *end.shape), end.dtype)  # the last point's shares
        for first in range(0, steps, self.batch_size):
            part = slice(first, first + self.batch_size)
            on_the_way = start + nodes[part].astype(end.dtype)[:, None, None, None] * away
            gradient, _ = image_gradient(model, on_the_way, objective.select(np.zeros(len(on_the_way), int)))
            shares = gradient * away
            plain += np.tensordot(weights[part], shares, axes=1)
            slopes = np.append(slopes, shares.sum(axis=(1, 2, 3), dtype=np.float64))
            chain = np.concatenate([before, shares])
            trend += np.tensordot(np.diff(slopes[-len(chain) :]), np.diff(chain, axis=0), axes=1)
            before = shares[-1:]
        missing = rise - plain.sum()
        if self.method == "calibrated":
            plain += calibration(slopes, weights, missing) * trend
        return plain, float(relative(rise - missing, rise))


def relative(found: Array | float, wanted: Array | float) -> Array:
    """By how much what was found misses what was wanted, as a fraction of it."""
    return np.asarray(np.abs(found - wanted) / np.maximum(np.abs(wanted), 1e-12))
