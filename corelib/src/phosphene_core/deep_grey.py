"""Grey pictures of 16 or 32 bits, and of floats, as 8 bits."""

from typing import Any

import numpy as np
from PIL import Image


def white_of(image: Image.Image) -> float:
    """What white is in a picture of mode I or F, which does not say: the end of the smallest usual range that holds all
    of it."""
    most: Any = image.getextrema()[1]
    ranges = (255.0, 65535.0, 2.0**31 - 1) if image.mode == "I" else (1.0, 255.0, 65535.0)
    return next((white for white in ranges if most <= white), 65535.0)


def eight_bits(image: Image.Image, white: float) -> Image.Image:
    """The picture with `white` at 255, some rows at a time. Pillow would cut it off at 255."""
    deep = np.asarray(image)
    grey = np.empty(deep.shape, np.uint8)
    for start in range(0, len(deep), 256):
        rows = np.nan_to_num(deep[start : start + 256].astype(np.float32), nan=0.0)
        grey[start : start + 256] = rows.clip(0, white) * np.float32(255 / white)
    return Image.fromarray(grey)
