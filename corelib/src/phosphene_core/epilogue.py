"""What one layer may leave to the layer before it: a scale, a shift and a rectifier, done while the output is in cache."""

from typing import Any

import attrs
import numpy as np

from phosphene_core.errors import SettingError

Array = np.ndarray[Any, np.dtype[Any]]
RULES = ("gradient", "guided", "deconvnet")


@attrs.frozen(eq=False)
class Epilogue:
    """y = scale * x + shift for each channel (axis 1), and with a `rule` max(0, y).

    `scale`, `shift`: (C,); None for 1 and 0. `rule`: what goes back through the rectifier, None where there is none:
    `gradient` dy where y > 0, `deconvnet` dy where dy > 0 (Zeiler, Fergus 2014), `guided` dy where both are
    (Springenberg et al. 2015).
    """

    scale: Array | None = None
    shift: Array | None = None
    rule: str | None = None

    def __attrs_post_init__(self) -> None:
        if self.rule is not None and self.rule not in RULES:
            raise SettingError(f"the rule must be one of {', '.join(RULES)}, not '{self.rule}'")

    def forward(self, x: Array) -> Array:
        """y from x (N, C, ...); a NaN stays one."""
        y = x if self.scale is None else x * _per_channel(self.scale, x)
        y = y if self.shift is None else y + _per_channel(self.shift, x)
        return y if self.rule is None else np.maximum(y, 0)

    def backward(self, dy: Array, y: Array) -> Array:
        """The gradient of x from that of y."""
        if self.rule in ("gradient", "guided"):
            dy = np.where(y > 0, dy, 0)
        if self.rule in ("deconvnet", "guided"):
            dy = np.where(dy > 0, dy, 0)
        return dy if self.scale is None else dy * _per_channel(self.scale, dy)


def _per_channel(values: Array, x: Array) -> Array:
    return values.reshape(-1, *(1,) * (x.ndim - 2)).astype(x.dtype, copy=False)
