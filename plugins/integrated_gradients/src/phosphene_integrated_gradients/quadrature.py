"""Where on the way the gradient is looked at, and how much each look counts."""

import numpy as np

from phosphene_core.layer import Array

METHODS = ("calibrated", "midpoint", "gausslegendre")


def points(method: str, steps: int) -> tuple[Array, Array]:
    """Places on 0..1 and their weights, which add up to 1, each (steps,), in float64.

    A network of rectifiers is linear piece by piece, so its gradient jumps thousands of times on the way. On jumps
    the midpoints of equal parts do best; Gauss-Legendre, which is captum's rule, wants what is smooth.
    """
    if method == "gausslegendre":
        nodes, weights = np.polynomial.legendre.leggauss(steps)  # on -1..1
        return (nodes + 1) / 2, weights / 2
    return (np.arange(steps) + 0.5) / steps, np.full(steps, 1 / steps)


def calibration(slopes: Array, weights: Array, missing: float) -> float:
    """How much of the regression on the slopes' changes to add, so that what the rule misses is made up for.

    The slope is the sum of all pixels' shares, and its integral is known: it is the objective's rise. Between two
    points a pixel's share changes with the slope in proportion, in the mean, to Σ Δshare Δslope / Σ Δslope²; the same
    part of what is missing is most likely the pixel's (a control variate). No weight becomes negative.
    """
    jumps = np.diff(slopes)
    change = np.diff(jumps, prepend=0, append=0) * -1.0  # of each point's weight
    if not jumps.any():
        return 0.0
    room = np.min(weights / np.maximum(np.abs(change), np.finfo(float).tiny))
    return float(np.clip(missing / (jumps @ jumps), -room, room))
