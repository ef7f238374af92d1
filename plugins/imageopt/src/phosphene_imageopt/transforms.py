"""Random transforms of pictures, each with its exact adjoint: what a network sees must survive a shaky hand.

A transform is called as `moved, back = transform(images, rng)`; `back` takes a gradient by the moved pictures to one
by the pictures. The whole batch moves alike.
"""

from collections.abc import Callable

import attrs
import numpy as np

from phosphene_core.layer import Array

Transform = Callable[[Array, np.random.Generator], tuple[Array, Callable[[Array], Array]]]


@attrs.frozen
class Jitter:
    """Rolls the pictures by up to `pixels` down or up and right or left; what leaves comes in on the other side."""

    pixels: int

    def __call__(self, images: Array, rng: np.random.Generator) -> tuple[Array, Callable[[Array], Array]]:
        down, right = (int(v) for v in rng.integers(-self.pixels, self.pixels + 1, 2))
        return (
            np.roll(images, (down, right), axis=(-2, -1)),
            lambda gradient: np.roll(gradient, (-down, -right), axis=(-2, -1)),
        )


@attrs.frozen
class Affine:
    """Enlarges by a factor drawn from `scale`, turns by up to `degrees` either way, and moves by up to `shift` pixels.

    Bilinear about the centre; the size stays, and what lies outside is the picture's mirror image.
    """

    scale: tuple[float, float] = (1.0, 1.0)
    degrees: float = 0.0
    shift: float = 0.0

    def __call__(self, images: Array, rng: np.random.Generator) -> tuple[Array, Callable[[Array], Array]]:
        angle = np.deg2rad(rng.uniform(-self.degrees, self.degrees))
        factor = rng.uniform(*self.scale)
        down, right = rng.uniform(-self.shift, self.shift, 2)
        height, width = images.shape[-2:]
        y, x = np.indices((height, width))
        y, x = y - (height - 1) / 2, x - (width - 1) / 2
        cos, sin = np.cos(angle) / factor, np.sin(angle) / factor
        places, weights = _taps(
            cos * y + sin * x + (height - 1) / 2 - down, cos * x - sin * y + (width - 1) / 2 - right, height, width
        )
        weights = weights.astype(images.dtype)
        flat = images.reshape(-1, height * width)
        moved = sum(w * flat[:, p] for p, w in zip(places, weights, strict=True))
        return np.asarray(moved).reshape(images.shape), lambda gradient: _scatter(gradient, places, weights)


def _taps(y: Array, x: Array, height: int, width: int) -> tuple[Array, Array]:
    """The four neighbours of each point as flat places (4, H * W), mirrored at the edges, and their weights."""
    top, left = np.floor(y).astype(int), np.floor(x).astype(int)
    below, beside = y - top, x - left
    places, weights = [], []
    for down, wy in ((0, 1 - below), (1, below)):
        for right, wx in ((0, 1 - beside), (1, beside)):
            places.append(_mirrored(top + down, height) * width + _mirrored(left + right, width))
            weights.append(wy * wx)
    return np.stack(places).reshape(4, -1), np.stack(weights).reshape(4, -1)


def _mirrored(index: Array, size: int) -> Array:
    """Indexes reflected into 0..size - 1: -1 is 0, size is size - 1."""
    index = index % (2 * size)
    return np.minimum(index, 2 * size - 1 - index)


def _scatter(gradient: Array, places: Array, weights: Array) -> Array:
    """The adjoint of gathering: each value goes back to the four pixels that it was mixed from."""
    flat = gradient.reshape(-1, places.shape[1])
    out = np.empty_like(flat)
    for row, value in zip(out, flat, strict=True):
        row[:] = np.bincount(places.ravel(), (weights * value).ravel(), minlength=len(row))
    return out.reshape(gradient.shape)
