"""The canvas of cut-outs: coloured paper on a plain ground, with edges that a pair of scissors would leave.

A spectrum may hide what a network asks for in grain that nobody sees. Flat pieces on a ground have nowhere to hide it: what is
asked for comes out as things with an outline, a place and a colour. It suits models of pictures that look like that.
"""

import attrs
import numpy as np

from phosphene_core.layer import Array
from phosphene_imageopt.canvas import Canvas, Pull
from phosphene_imageopt.fourier import blurred, frequencies, twins

SHARP = 8.0
"""How steeply a pixel goes from ground to paper, per unit of the stencil."""

VIVID = 3.0
"""How quickly paper's colours reach the ends of their range, per unit."""

OPEN = -0.25
"""The stencil where nothing has been drawn: a little paper shines through everywhere, so that it can begin to grow."""

FRAME = 0.1
"""The share of each side, at either end, over which the paper fades into the ground."""


@attrs.frozen
class CutoutCanvas(Canvas):
    """Spectra (N, 4, H, W // 2 + 1, 2), real and imaginary parts: a stencil, and the red, green and blue of the paper that
    is seen through it on a grey ground. `decay` is the power of frequency that scales them, as in photographs or a
    little steeper; `amount` the deviations of stencil and paper in the noise."""

    decay: tuple[float, float] = (1.8, 2.0)
    amount: tuple[float, float] = (0.2, 0.3)

    def encode(self, images: Array) -> Array:
        """One sheet over everything: exact away from the frame."""
        share = np.clip((images - self.low) / (self.high - self.low), 0.002, 0.998)
        paper = np.log(share / (1 - share)) / VIVID
        fields = np.concatenate([np.full_like(paper[:, :1], 4), paper], axis=1)
        spectrum = np.fft.rfft2(fields) / self._scale(images.shape)
        return np.stack([spectrum.real, spectrum.imag], axis=-1).astype(images.dtype)

    def decode(self, coordinates: Array) -> tuple[Array, Pull]:
        height, width = self.low.shape[-2:]
        scale = self._scale(self.low.shape)
        spectrum = (coordinates[..., 0] + 1j * coordinates[..., 1]) * scale
        fields = np.fft.irfft2(spectrum, s=(height, width)).astype(coordinates.dtype)
        uncovered = _fade(height)[:, None] * _fade(width)
        open_ = _sigmoid(SHARP * (fields[:, :1] + OPEN))
        cover = uncovered * open_
        paper = _sigmoid(VIVID * fields[:, 1:])
        span = self.high - self.low
        share = 0.5 + cover * (paper - 0.5)

        def pull(gradient: Array) -> Array:
            by_share = gradient * (span / (height * width))
            by_stencil = (by_share * (paper - 0.5)).sum(axis=1, keepdims=True) * (uncovered * SHARP * open_ * (1 - open_))
            by_paper = by_share * (cover * VIVID * paper * (1 - paper))
            by_fields = np.concatenate([by_stencil, by_paper], axis=1)
            back = np.fft.rfft2(by_fields) * (scale * twins(width))
            return np.stack([back.real, back.imag], axis=-1).astype(coordinates.dtype)

        return (self.low + span * share).astype(coordinates.dtype), pull

    def noise(self, images: Array, rng: np.random.Generator) -> Array:
        half = (len(images), 4, images.shape[-2], images.shape[-1] // 2 + 1, 2)
        amounts = np.array([self.amount[0], *3 * self.amount[1:]], np.float32).reshape(4, 1, 1, 1)
        return np.asarray(amounts * rng.standard_normal(half, dtype=np.float32))

    def blur(self, coordinates: Array, sigma: float) -> Array:
        return blurred(coordinates, self.low.shape, sigma)

    def _scale(self, shape: tuple[int, ...]) -> Array:
        """(4, H, W // 2 + 1): by which coordinates of deviation 1 make fields of about deviation 1."""
        height, width = shape[-2:]
        frequency = np.maximum(frequencies(shape), 1 / max(height, width))
        scales = [frequency**-d for d in (self.decay[0], *3 * self.decay[1:])]
        return np.stack([s * (height * width / np.sqrt(np.square(s).sum())) for s in scales]).astype(np.float32)


def _sigmoid(x: Array) -> Array:
    return np.asarray((1 + np.tanh(x / 2)) / 2)


def _fade(size: int) -> Array:
    """(size,): 0 at the ends, 1 inside."""
    place = np.minimum(np.arange(size) + 0.5, size - np.arange(size) - 0.5) / size
    return np.asarray(np.clip(place / FRAME, 0, 1), np.float32)
