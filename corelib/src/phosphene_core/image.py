"""Pictures in and out: decode, encode, crop, resize, blur, jitter. A picture is (H, W, 3) uint8; numbers 0..255."""

import io
import os
import warnings
from contextlib import nullcontext
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from phosphene_core.deep_grey import eight_bits, white_of
from phosphene_core.errors import FileError, one_line
from phosphene_core.hushed import hushed
from phosphene_core.jpeg import decode_plainly
from phosphene_core.layer import Array
from phosphene_core.picture import on_white
from phosphene_core.wholefile import whole

MAX_PIXELS = 100_000_000
MOST_PIXELS = {"WEBP": 50_000_000}
"""Where decoding takes several times the memory of the picture."""
LARGER, MUCH_LARGER = 4, 16
"""How many times the size that it is wanted for a picture is decoded at: at least (at 4 a network's features of it differ by
some 0.3% from those of the whole, at 2 by 2.4%), and at most."""
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM")
"""Pillow knows fifty more; some start other programs (PostScript), most are rarely tried."""
SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp", ".ppm", ".pgm")


def decode(
    source: str | os.PathLike[str] | bytes, *, max_side: int | None = None, enough_for: tuple[int, int] | None = None
) -> Array:
    """A picture from a file or its bytes, as (H, W, 3) uint8, upright (EXIF) and in RGB.

    Grey, palette, 16-bit, CMYK and transparent pictures (laid on white) are converted; of an animation the first
    frame counts. `max_side` shrinks larger ones while decoding; so does `enough_for` (height, width), the size that the
    picture will be brought to: it stays several times as large, and what is decoded is no more than that needs.
    `FileError` names the file and what is wrong.
    """
    larger = None
    if enough_for:
        larger, max_side = (LARGER * max(enough_for),) * 2, MUCH_LARGER * max(enough_for)
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
        if not isinstance(source, bytes) and Path(source).suffix.lower() in (".jpg", ".jpeg"):
            source = Path(source).read_bytes()
        if isinstance(source, bytes) and (plain := decode_plainly(source, MAX_PIXELS, larger, max_side)) is not None:
            return plain
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's bomb warning: the limit below is ours
            file = io.BytesIO(source) if isinstance(source, bytes) else source
            with Image.open(file, formats=FORMATS) as image, hushed() if image.format == "TIFF" else nullcontext():
                limit = MOST_PIXELS.get(image.format or "", MAX_PIXELS)
                if image.width * image.height > limit:
                    raise FileError(f"{name} has {image.width}×{image.height} pixels; the limit is {limit:,}")
                if larger:
                    image.draft(None, larger)
                elif max_side and max(image.size) > max_side:
                    image.draft(None, (max_side, max_side))  # JPEG: decodes at 1/2, 1/4 or 1/8, cheaply
                ImageOps.exif_transpose(image, in_place=True)
                return np.array(_rgb(image, max_side))
    except FileError:
        raise
    except PermissionError:
        raise FileError(f"{name} cannot be read: permission denied") from None
    except Image.DecompressionBombError:
        raise FileError(f"{name} claims more pixels than the limit of {MAX_PIXELS:,}") from None
    except UnidentifiedImageError:
        raise FileError(f"{name} is not a picture that can be read (PNG, JPEG, GIF, BMP, TIFF, WebP)") from None
    except Exception as error:  # Pillow raises many kinds on damaged files
        raise FileError(f"{name} is a damaged picture: {one_line(error)}") from None


def encode(picture: Array, path: str | os.PathLike[str]) -> None:
    """Write a picture (H, W, 3) or (H, W, 4) uint8 as PNG; the file appears whole or not at all."""
    with whole(path) as file:
        Image.fromarray(np.ascontiguousarray(picture)).save(file, format="PNG")


def center_crop(picture: Array, aspect: float = 1.0) -> Array:
    """The largest centred part of (H, W, ...) whose height is `aspect` times its width."""
    left, top, right, bottom = center_box(picture.shape[0], picture.shape[1], aspect)
    return picture[top:bottom, left:right]


def center_box(height: int, width: int, aspect: float) -> tuple[int, int, int, int]:
    """What `center_crop` leaves of a picture of this size: left, top, right, bottom."""
    new_height = min(height, max(1, round(width * aspect)))
    new_width = min(width, max(1, round(height / aspect)))
    top, left = (height - new_height) // 2, (width - new_width) // 2
    return left, top, left + new_width, top + new_height


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


def _rgb(image: Image.Image, max_side: int | None) -> Image.Image:
    """The picture in RGB on white, its longer side at most `max_side`: shrunk before what takes memory."""
    if image.mode.startswith("I;16"):
        image = eight_bits(image, 65535.0)
    elif image.mode in ("P", "PA", "1"):  # these would be shrunk by leaving pixels out
        image = image.convert("RGBA" if image.mode == "PA" or "transparency" in image.info else "RGB")
    white = white_of(image) if image.mode in ("I", "F") else 255.0
    if image.mode == "I":  # Pillow shrinks floats without cutting them off
        image = image.convert("F")
    if max_side and max(image.size) > max_side:
        image.thumbnail((max_side, max_side), Image.Resampling.BICUBIC, reducing_gap=2.0)
    if image.mode == "F":
        image = eight_bits(image, white)
    if image.mode in ("RGBA", "LA", "RGBa", "La") or "transparency" in image.info:
        return on_white(image.convert("RGBA"))
    return image if image.mode == "RGB" else image.convert("RGB")
