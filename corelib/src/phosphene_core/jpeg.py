"""JPEG through simplejpeg, where that is installed: the pixels that Pillow gives, in less time.

Both decode with libjpeg-turbo. A small picture costs Pillow mostly what it does around that.
"""

from typing import Any

import numpy as np

from phosphene_core.layer import Array

MARK, ABOUT, PIXELS = b"\xff\xd8\xff", 0xE1, 0xDA
"""What a JPEG begins with; the parts of its head that may say which way up it is (Exif, XMP); and what comes after the head."""


def _found() -> Any:
    try:
        import simplejpeg
    except ImportError:
        return None
    return simplejpeg


simplejpeg = _found()


def decode_plainly(data: bytes, pixels: int, least: tuple[int, int] | None, longest: int | None) -> Array | None:
    """The picture as (H, W, 3) uint8, if it is a plain JPEG, grey or in colour, whose pixels are as Pillow would give them;
    None where simplejpeg is missing, and for whatever else it may be: upside down, CMYK, damaged, of more than `pixels` pixels.

    `least` (height, width): the picture may come at a half, a quarter or an eighth of its size where that is as large as this,
    as Pillow's `draft` has it. `longest`: one whose longer side is then still longer is left to Pillow.
    """
    if simplejpeg is None or not data.startswith(MARK) or _tells_more(data):
        return None
    try:
        height, width, colours, _ = simplejpeg.decode_jpeg_header(data)
        times = min(height // least[0], width // least[1]) if least else 1
        scale = next((s for s in (8, 4, 2) if times >= s), 1)
        small = -(-height // scale), -(-width // scale)
        if colours not in ("YCbCr", "Gray") or height * width > pixels or (longest and max(small) > longest):
            return None
        wanted = {"min_height": small[0], "min_width": small[1]} if scale > 1 else {}
        return np.asarray(simplejpeg.decode_jpeg(data, **wanted))
    except ValueError:  # damaged: Pillow says how, or makes the best of it
        return None


def _tells_more(data: bytes) -> bool:
    """Whether the head of a JPEG tells more than how to decode it, or is no plain row of parts."""
    at = 2
    while at + 3 < len(data) and data[at] == 0xFF:
        if data[at + 1] == PIXELS:
            return False
        if data[at + 1] == ABOUT:
            return True
        at += 2 + (data[at + 2] << 8 | data[at + 3])
    return True
