"""Maps as pictures: colours in even steps of lightness, a legend, and the map laid over a photograph.

An unsigned map runs from black over violet and orange to light yellow. A signed one runs from blue over white to red,
white being zero. Normalization happens here and only here; the map itself is left as it is.
"""

from functools import cache

import attrs
import numpy as np
from PIL import Image, ImageDraw

from phosphene_core.errors import PhospheneError
from phosphene_core.image import resize
from phosphene_core.layer import Array
from phosphene_core.lettering import INK, PAPER, font, wrapped

PERCENTILE = 99.5


@attrs.frozen
class Scale:
    """Which values have which colours: 0 (signed: -high) to `high`. What lies beyond has the end's colour."""

    high: float
    signed: bool
    clipped: bool = False

    @classmethod
    def of(cls, values: Array) -> "Scale":
        """The scale for a map, or for several that are to be compared. Few strong pixels do not darken the rest: the
        end is the 99.5th percentile of the magnitudes. `PhospheneError` for NaN or infinity."""
        if not np.isfinite(values).all():
            raise PhospheneError(f"the map holds {int((~np.isfinite(values)).sum())} values that are NaN or infinite")
        size = np.abs(np.asarray(values, np.float64))
        largest = float(size.max(initial=0.0))
        high = float(np.percentile(size, PERCENTILE)) if size.size else 0.0
        if high < 1e-6 * largest:  # nearly all of it is zero
            high = largest
        return cls(high, bool((np.asarray(values) < 0).any()), high < largest)

    def normalized(self, values: Array) -> Array:
        """The values as 0..1, or -1..1 where the scale is signed; zeros where there is nothing but zeros."""
        scaled = np.asarray(values, np.float64) / (self.high or 1.0)
        return np.clip(scaled, -1.0 if self.signed else 0.0, 1.0)

    def ticks(self) -> list[tuple[float, str]]:
        """Places (0..1) and words for the legend."""
        if self.high == 0:
            return [(0.0, "0 everywhere")]
        ends = [-1.0, 0.0, 1.0] if self.signed else [0.0, 0.5, 1.0]
        words = [f"{t * self.high:.2g}" for t in ends]
        if self.clipped:
            words[2] = f"> {words[2]}"
            words[0] = f"< {words[0]}" if self.signed else words[0]
        return [((t + 1) / 2 if self.signed else t, w) for t, w in zip(ends, words, strict=True)]


def draw(values: Array, scale: Scale | None = None) -> Array:
    """A map (H, W) as a picture (H, W, 3) uint8."""
    scale = scale or Scale.of(values)
    t = scale.normalized(values)
    place = np.rint((t + 1) / 2 * 255 if scale.signed else t * 255).astype(np.intp)
    return np.asarray(colours(scale.signed)[place])


def overlay(picture: Array, values: Array, scale: Scale | None = None) -> Array:
    """A map of any size over a picture (H, W, 3) uint8 that it belongs to: the photograph in grey, and colour where the
    map is strong."""
    scale = scale or Scale.of(values)
    fitted = resize(np.asarray(values, np.float32), *picture.shape[:2])
    strength = (0.85 * np.abs(scale.normalized(fitted)) ** 0.6)[:, :, None]
    grey = 30 + 0.8 * (picture.astype(np.float64) @ [0.299, 0.587, 0.114])[:, :, None]
    return np.asarray(np.rint((1 - strength) * grey + strength * draw(fitted, scale))).astype(np.uint8)


def with_legend(picture: Array, scale: Scale, caption: str = "") -> Array:
    """A picture (H, W, 3) with the colour scale and its numbers under it, and a caption if there is one."""
    height, width = picture.shape[:2]
    unit = max(8, round(min(width, 640) / 28))  # letters that can be read and do not shout
    letters = font(unit)
    lines = wrapped(caption, letters, width - unit) if caption else []
    strip = round(unit * (2.9 + 1.3 * len(lines)))
    page = Image.new("RGB", (width, height + strip), PAPER)
    page.paste(Image.fromarray(np.ascontiguousarray(picture)), (0, 0))
    bar = np.linspace(-1.0 if scale.signed else 0.0, 1.0, width)[None].repeat(unit, axis=0)
    shown = draw(bar, Scale(1.0 if scale.high else 0.0, scale.signed))
    page.paste(Image.fromarray(shown), (0, height + unit // 3))
    pen = ImageDraw.Draw(page)
    for place, words in scale.ticks():
        length = pen.textlength(words, font=letters)
        x = min(max(place * width - length / 2, 2), width - length - 2)
        pen.text((x, height + unit * 1.5), words, fill=INK, font=letters)
    for i, line in enumerate(lines):
        pen.text((2, height + unit * (2.9 + 1.3 * i)), line, fill=INK, font=letters)
    return np.asarray(page)


@cache
def colours(signed: bool) -> Array:
    """256 colours (256, 3) uint8, even in lightness (Oklab, Ottosson 2020)."""
    t = np.linspace(-1.0 if signed else 0.0, 1.0, 256)
    if signed:
        lightness = 0.98 - 0.55 * np.abs(t) ** 1.1
        chroma = 0.17 * np.abs(t) ** 0.9
        hue = np.where(t < 0, 257.0, 28.0)
    else:
        lightness = 0.08 + 0.90 * t
        chroma = 0.20 * np.sin(np.pi * (0.08 + 0.86 * t)) ** 0.8
        hue = 288 + 172 * t**0.85
    angle = np.deg2rad(hue)
    linear = _linear_rgb(lightness, np.minimum(chroma, _largest_chroma(lightness, angle)), angle)
    linear = np.clip(linear, 0, 1)
    srgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(255 * srgb)).astype(np.uint8)


def _largest_chroma(lightness: Array, hue: Array) -> Array:
    """The strongest colour that a screen can show, by bisection."""
    low, high = np.zeros_like(lightness), np.full_like(lightness, 0.4)
    for _ in range(16):
        middle = (low + high) / 2
        linear = _linear_rgb(lightness, middle, hue)
        inside = ((linear > -1e-4) & (linear < 1.0001)).all(axis=1)
        low, high = np.where(inside, middle, low), np.where(inside, high, middle)
    return low


def _linear_rgb(lightness: Array, chroma: Array, hue: Array) -> Array:
    """Oklab, in polar form, as linear sRGB (N, 3)."""
    a, b = chroma * np.cos(hue), chroma * np.sin(hue)
    cones = np.stack([
        lightness + 0.3963377774 * a + 0.2158037573 * b,
        lightness - 0.1055613458 * a - 0.0638541728 * b,
        lightness - 0.0894841775 * a - 1.2914855480 * b,
    ]) ** 3  # fmt: skip
    mixing = np.array([
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ])  # fmt: skip
    return np.asarray((mixing @ cones).T)
