"""A picture at another size."""

import numpy as np
from PIL import Image

from phosphene_core.layer import Array
from phosphene_resampling.bicubic import taps
from phosphene_resampling.engine import kernels


def resample(picture: Array, height: int, width: int, box: tuple[float, ...] | None = None) -> Array:
    """A picture (H, W, 3) uint8, or the part of it in `box` (left, top, right, bottom), at another size: bicubic, antialiased,
    as planes (3, height, width) uint8. What Pillow's `resize` gives, which does it where no compiler was."""
    rows, columns = picture.shape[:2]
    left, top, right, bottom = box or (0, 0, columns, rows)
    engine = kernels()
    if engine is None:
        sized = Image.fromarray(picture).resize((width, height), Image.Resampling.BICUBIC, (left, top, right, bottom))
        return np.ascontiguousarray(np.asarray(sized).transpose(2, 0, 1))
    planes = np.empty((3, height, width), np.uint8)
    across, down = taps(columns, left, right, width), taps(rows, top, bottom, height)
    engine.resample(np.ascontiguousarray(picture), across, down, down_first(picture, height, width), planes)
    return planes


def down_first(picture: Array, height: int, width: int) -> bool:
    """Whether a tall picture is brought to its height before its width, as Pillow has it since 13: fewer bytes between."""
    return picture.shape[0] > height and picture.shape[0] - height > 2 * (picture.shape[1] - width)
