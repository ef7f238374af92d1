"""How a window slides over an image: stride, pad and dilation, each per axis."""

import functools
from typing import NamedTuple

from phosphene_core.errors import SettingError, ShapeError

Pair = tuple[int, int]
LARGEST = 2**28
"""Strides, pads, dilations and sides of images stay below it: the kernels count places within a row in 32 bits."""


class Window(NamedTuple):
    """Stride, pad and dilation as (y, x) pairs."""

    stride: Pair
    pad: Pair
    dilation: Pair

    @classmethod
    def of(cls, stride: int | Pair = 1, pad: int | Pair = 0, dilation: int | Pair = 1) -> "Window":
        """From numbers or pairs. `SettingError` for a stride or dilation below 1 or a pad below 0."""
        if type(stride) is type(pad) is type(dilation) is int:
            return _of_numbers(stride, pad, dilation)
        return cls(pair("stride", stride, 1), pair("pad", pad, 0), pair("dilation", dilation, 1))

    def output(self, image: tuple[int, ...], size: tuple[int, ...]) -> Pair:
        """Height and width of the output for an image (…, H, W) and a window (…, kh, kw).

        `ShapeError` where the padded image is smaller than the window.
        """
        sides = []
        if max(*image[-2:], *size[-2:]) >= LARGEST or image[-2] * image[-1] >= 2**31:
            raise ShapeError(f"images of {image[-2]} x {image[-1]} are too large: at most 2**31 - 1 pixels each")
        for length, width, stride, pad, dilation in zip(image[-2:], size[-2:], *self, strict=True):
            reach = dilation * (width - 1) + 1
            if length + 2 * pad < reach:
                raise ShapeError(
                    f"a window of {' x '.join(map(str, size[-2:]))} (dilation {self.dilation}) does not fit into an "
                    f"image of {' x '.join(map(str, image[-2:]))} with pad {self.pad}"
                )
            sides.append((length + 2 * pad - reach) // stride + 1)
        return sides[0], sides[1]


@functools.lru_cache(maxsize=1024)
def _of_numbers(stride: int, pad: int, dilation: int) -> Window:
    return Window(pair("stride", stride, 1), pair("pad", pad, 0), pair("dilation", dilation, 1))


def pair(name: str, value: int | Pair, least: int) -> Pair:
    """A number, or a pair of numbers, as a pair; `SettingError` if one is not whole or below `least`."""
    both = tuple(value) if isinstance(value, tuple | list) else (value, value)
    if len(both) != 2 or any(isinstance(v, bool) or not hasattr(v, "__index__") or v < least for v in both):
        raise SettingError(f"{name} must be a whole number, or two, of at least {least}, not {value!r}")
    if max(both) >= LARGEST:
        raise SettingError(f"{name} must be below {LARGEST}, not {value!r}")
    return int(both[0]), int(both[1])
