"""Learning-rate schedules: the factor by which the optimizer's learning rate is multiplied at a step."""

import math
from typing import Any


def factor(settings: Any, step: int, steps_per_epoch: int) -> float:
    """The factor at `step` (from 0) of a run with these `TrainSettings`.

    `step`: times `decay` every `decay_every` epochs. `cosine`: from 1 to 0 (Loshchilov and Hutter 2017). `onecycle`:
    a straight rise over the share `warmup`, then cosine to 0 (Smith 2018). `constant`: 1.
    """
    total = max(1, steps_per_epoch * settings.epochs)
    if settings.schedule == "step":
        return float(settings.decay ** (step // max(1, steps_per_epoch) // settings.decay_every))
    if settings.schedule == "cosine":
        return 0.5 * (1 + math.cos(math.pi * step / total))
    if settings.schedule == "onecycle":
        rise = settings.warmup * total
        if step < rise:
            return (step + 1) / (rise + 1)
        return 0.5 * (1 + math.cos(math.pi * (step - rise) / max(1.0, total - rise)))
    return 1.0
