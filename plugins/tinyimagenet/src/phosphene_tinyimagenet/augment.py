"""Random changes of a training batch that leave its labels true. All pictures of a batch at once."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from phosphene_core.layer import Array

GREY = np.array([0.299, 0.587, 0.114], np.float32)


def flipped(images: Array, rng: np.random.Generator) -> Array:
    """Each picture (N, 3, H, W) mirrored, left for right, with probability one half."""
    mirrored = rng.random(len(images)) < 0.5
    images = images.copy()
    images[mirrored] = images[mirrored][..., ::-1]
    return images


def shifted(images: Array, most: int, rng: np.random.Generator) -> Array:
    """Each picture (N, 3, H, W) moved by up to `most` pixels down and right or up and left; edges are reflected."""
    count, _, height, width = images.shape
    top, left = rng.integers(0, 2 * most + 1, (2, count))
    padded = np.pad(images, ((0, 0), (0, 0), (most, most), (most, most)), mode="reflect")
    windows = sliding_window_view(padded, (height, width), axis=(2, 3))
    return windows[np.arange(count), :, top, left]


def zoomed(images: Array, least: float, most: int, rng: np.random.Generator) -> Array:
    """Each picture (N, 3, H, W) float cut to a window with `least` to all of its sides' length, brought back to full
    size (bilinear). The window may lie up to `most` pixels outside, where edges are reflected.

    Resampling rows and columns is linear, so it is a product with one small matrix from each side.
    """
    count, _, height, width = images.shape
    scale = rng.uniform(least, 1, count)
    rows = _resampling(height, scale, most, rng)[:, None]
    columns = np.ascontiguousarray(_resampling(width, scale, most, rng).swapaxes(1, 2))[:, None]
    return rows @ images @ columns


def _resampling(size: int, scale: Array, most: int, rng: np.random.Generator) -> Array:
    """Matrices (N, size, size): the weight of each old pixel in each new one, for windows at random places."""
    start = rng.uniform(-most, size * (1 - scale) + most)
    place = np.abs(start[:, None] + (np.arange(size) + 0.5) * scale[:, None] - 0.5)
    place = (size - 1 - np.abs(size - 1 - place)).astype(np.float32)
    weights = place[:, :, None] - np.arange(size, dtype=np.float32)
    np.subtract(1, np.abs(weights, out=weights), out=weights)
    return np.maximum(weights, 0, out=weights)


def recoloured(images: Array, strength: float, rng: np.random.Generator) -> Array:
    """Each picture (N, 3, H, W) float in 0..255 with saturation, contrast and brightness changed by factors from
    1 - strength to 1 + strength, cut to 0..255."""
    factors = rng.uniform(1 - strength, 1 + strength, (3, len(images), 1, 1)).astype(np.float32)
    saturation, contrast, brightness = factors
    mixing = saturation * np.eye(3, dtype=np.float32) + (1 - saturation) * GREY
    grey = images.mean(axis=(2, 3)) @ GREY
    pixels = images.reshape(*images.shape[:2], -1)
    changed = (brightness * contrast * mixing) @ pixels
    changed += brightness * (1 - contrast) * grey[:, None, None]
    return np.clip(changed, 0, 255, out=changed).reshape(images.shape)
