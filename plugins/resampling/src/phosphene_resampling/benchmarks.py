"""What `phosphene bench` measures here: photographs brought to 64 × 64."""

from typing import Any

import numpy as np

from phosphene_resampling.fit import fit

SIZES = ((200, 150), (640, 480))


def add(register: Any) -> None:
    for width, height in SIZES:
        register("kernel", f"resampling, a photograph of {width}×{height} to 64×64", lambda w=width, h=height: _fit(h, w))


def _fit(height: int, width: int) -> Any:
    picture = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    return lambda: fit(picture, 64, 64)
