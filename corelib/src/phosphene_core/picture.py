"""What a picture in memory is: (H, W, 3) uint8."""

import numpy as np
from PIL import Image

from phosphene_core.errors import ShapeError
from phosphene_core.layer import Array


def as_picture(array: Array) -> Array:
    """An array of bytes as a picture: grey (H, W) or (H, W, 1) in all three colours, and what is transparent (H, W, 4) on white, as
    `decode` does with files. `ShapeError` for anything else."""
    given = np.asarray(array)
    if given.dtype == np.uint8 and given.size:
        if given.ndim == 3 and given.shape[2] == 3:
            return given
        if given.ndim == 2 or (given.ndim == 3 and given.shape[2] == 1):
            return np.repeat(given.reshape(*given.shape[:2], 1), 3, axis=2)
        if given.ndim == 3 and given.shape[2] == 4:
            return np.asarray(on_white(Image.fromarray(np.ascontiguousarray(given))))
    hint = "; multiply by 255 and round, if it counts from 0 to 1" if given.dtype.kind == "f" else ""
    raise ShapeError(f"a picture is (H, W, 3) uint8, 0 to 255; this is {given.shape} {given.dtype}{hint}")


def on_white(layered: Image.Image) -> Image.Image:
    """A picture in RGBA, laid on white: in RGB."""
    return Image.alpha_composite(Image.new("RGBA", layered.size, "white"), layered).convert("RGB")
