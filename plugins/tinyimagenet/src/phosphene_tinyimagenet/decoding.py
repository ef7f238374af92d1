"""Thousands of small pictures from their files to arrays, on several threads."""

import io
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from PIL import Image

from phosphene_core.errors import FileError
from phosphene_core.image import FORMATS, decode
from phosphene_core.jpeg import decode_plainly
from phosphene_core.layer import Array
from phosphene_core.threads import threads
from phosphene_tinyimagenet.source import Source

MAX_SIDE = 256
BLOCK = 500


def picture_size(source: Source, name: str) -> tuple[int, int]:
    """(height, width) of a picture; `FileError` if it is not a small one."""
    height, width = _decode(source, name, None).shape[:2]
    return height, width


def decode_all(source: Source, names: Sequence[str], size: tuple[int, int]) -> Iterator[Array]:
    """Blocks (B, 3, H, W) of uint8, in order. What decodes lets other threads run meanwhile."""

    def block(start: int) -> Array:
        part = names[start : start + BLOCK]
        pixels = np.empty((len(part), 3, *size), np.uint8)
        for i, name in enumerate(part):
            pixels[i] = _decode(source, name, size).transpose(2, 0, 1)
        return pixels

    with ThreadPoolExecutor(threads()) as pool:
        yield from pool.map(block, range(0, len(names), BLOCK))


def _decode(source: Source, name: str, size: tuple[int, int] | None) -> Array:
    data = source.read(name)
    plain = decode_plainly(data, MAX_SIDE**2, None, MAX_SIDE)
    if plain is not None and size in (None, plain.shape[:2]):
        return plain
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            height, width = image.height, image.width
            if max(height, width) > MAX_SIDE:
                raise FileError(f"{source.where(name)} has {width}×{height} pixels, TinyImageNet's pictures 64×64")
            if size is not None and (height, width) != size:
                raise FileError(f"{source.where(name)} has {width}×{height} pixels, others {size[1]}×{size[0]}")
            if image.mode == "RGB":
                return np.asarray(image)
        return decode(data)  # grey, palette, CMYK, ...
    except FileError as error:
        raise FileError(str(error).replace("the picture", source.where(name), 1)) from None
    except Exception as error:  # Pillow raises many kinds on damaged files
        what = "is empty" if not data else f"is a damaged picture: {str(error).split(' <')[0] or type(error).__name__}"
        raise FileError(f"{source.where(name)} {what}") from None
