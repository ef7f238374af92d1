"""A run that has gone astray: what tells it, and how often it may be brought back with a lower learning rate."""

import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from phosphene_core.errors import PhospheneError
from phosphene_core.layer import Params

RECOVERIES = 5
"""Times that one run goes back to its last checkpoint."""


class Diverged(PhospheneError):
    """The loss, or what a run would save, is no finite number any more."""


def diverged(what: str, checkpoint: str | os.PathLike[str] | None) -> Diverged:
    """The error, with what to do. `checkpoint`: where the last good state lies, if anywhere."""
    where = f" and resume from {checkpoint}" if checkpoint is not None and Path(checkpoint).exists() else ""
    return Diverged(f"{what}; lower the learning rate or clip the gradients{where}")


def not_finite(groups: Iterable[Params]) -> str | None:
    """The name of the first array that holds a NaN or an infinity; None if all is well."""
    for arrays in groups:
        for name, value in arrays.items():
            if not np.isfinite(value).all():
                return name
    return None


def lowered(scale: float, factor: float | None) -> float | None:
    """The learning rate's scale after one more recovery; None if none is asked for, or it has had its number."""
    if factor is None or scale * factor < factor**RECOVERIES * 0.999:
        return None
    return scale * factor
