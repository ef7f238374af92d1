"""Pictures in and out: decode, encode, crop, resize, blur, jitter. A picture is (H, W, 3) uint8; numbers 0..255."""

import io
import os
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from phosphene_core.errors import FileError
from phosphene_core.layer import Array
from phosphene_core.wholefile import whole

MAX_PIXELS = 120_000_000
SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp", ".ppm", ".pgm")


def decode(source: str | os.PathLike[str] | bytes, *, max_side: int | None = None) -> Array:
    """A picture from a file or its bytes, as (H, W, 3) uint8, upright (EXIF) and in RGB.

    Grey, palette, 16-bit, CMYK and transparent pictures (laid on white) are converted; of an animation the first
    frame counts. `max_side` shrinks larger ones while decoding. `FileError` names the file and what is wrong.
    """
    name = "the picture" if isinstance(source, bytes) else str(source)
    if not isinstance(source, bytes):
        path = Path(source)
        if path.is_dir():
            raise FileError(f"{name} is a folder, not a picture")
        if not path.exists():
            raise FileError(f"{name} does not exist")
        if path.stat().st_size == 0:
            raise FileError(f"{name} is empty")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's bomb warning: the limit below is ours
            with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise FileError(f"{name} has {image.width}×{image.height} pixels; the limit is {MAX_PIXELS:,}")
                if max_side and max(image.size) > max_side:
                    image.draft(None, (max_side, max_side))  # JPEG: decodes at 1/2, 1/4 or 1/8, cheaply
                upright = ImageOps.exif_transpose(image)
                if max_side and max(upright.size) > max_side:
                    upright.thumbnail((max_side, max_side), Image.Resampling.BICUBIC, reducing_gap=2.0)
                return np.array(_rgb(upright))
    except FileError:
        raise
    except PermissionError:
        raise FileError(f"{name} cannot be read: permission denied") from None
    except UnidentifiedImageError:
        raise FileError(f"{name} is not a picture that can be read (PNG, JPEG, GIF, BMP, TIFF, WebP)") from None
    except Exception as error:  # Pillow raises many kinds on damaged files
        raise FileError(f"{name} is a damaged picture: {error or type(error).__name__}") from None


def encode(picture: Array, path: str | os.PathLike[str]) -> None:
    """Write a picture (H, W, 3) or (H, W, 4) uint8 as PNG; the file appears whole or not at all."""
    with whole(path) as file:
        Image.fromarray(np.ascontiguousarray(picture)).save(file, format="PNG")


def center_crop(picture: Array, aspect: float = 1.0) -> Array:
    """The largest centred part of (H, W, ...) whose height is `aspect` times its width."""
    height, width = picture.shape[:2]
    new_height = min(height, max(1, round(width * aspect)))
    new_width = min(width, max(1, round(height / aspect)))
    top, left = (height - new_height) // 2, (width - new_width) // 2
    return picture[top : top + new_height, left : left + new_width]


def resize(picture: Array, height: int, width: int) -> Array:
    """A picture (H, W, 3) uint8 or a map (H, W) float at another size: bicubic, averaged when it shrinks."""
    if picture.shape[:2] == (height, width):
        return picture
    if picture.ndim == 2:
        image = Image.fromarray(picture.astype(np.float32))
        return np.asarray(image.resize((width, height), Image.Resampling.BILINEAR)).astype(picture.dtype)
    return np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.BICUBIC))


def blur(images: Array, sigma: float) -> Array:
    """Gaussian blur of the last two axes, `sigma` in pixels, edges repeated; the dtype is kept."""
    if sigma <= 0:
        return images
    radius = max(1, int(3 * sigma + 0.5))
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    kernel = (kernel / kernel.sum()).astype(images.dtype)
    for axis in (-2, -1):
        pad = [(0, 0)] * images.ndim
        pad[axis] = (radius, radius)
        padded = np.pad(images, pad, mode="edge")
        size = images.shape[axis]
        images = sum(k * np.take(padded, range(i, i + size), axis=axis) for i, k in enumerate(kernel))  # type: ignore[assignment]
    return images


def jitter(images: Array, shift: tuple[int, int]) -> Array:
    """The pictures rolled by (down, right) pixels; `jitter(x, (-a, -b))` undoes `jitter(x, (a, b))`."""
    return np.roll(images, shift, axis=(-2, -1))


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):  # Pillow would cut these off at 255
        deep = np.asarray(image, dtype=np.float64)
        top = 65535.0 if image.mode.startswith("I;16") or deep.max(initial=0) > 255 else 255.0
        return Image.fromarray((deep.clip(0, top) * (255 / top)).astype(np.uint8)).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        layered = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", layered.size, "white"), layered).convert("RGB")
    return image.convert("RGB")
