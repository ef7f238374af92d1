"""The Fourier canvas: a picture as its spectrum, scaled so that all frequencies matter as they do in photographs.

Ascent in pixels finds high-frequency noise first, for a network's strides let it through. In the spectrum, divided by
frequency as natural pictures are, the same steps draw large shapes first: a preconditioner, not a penalty.
Olah, Mordvintsev and Schubert 2017, "Feature Visualization".
"""

import attrs
import numpy as np

from phosphene_core.layer import Array
from phosphene_imageopt.canvas import Canvas, Pull
from phosphene_imageopt.colour import FROM_RGB, TO_RGB, mix

SLOPE = 0.25
"""The share of the range per unit of decorrelated colour around the middle: a sigmoid's."""

LEEWAY = 0.04
"""How far beyond its range, as a share of it, a gradient of ordinary size may drive a pixel that is cut to the range."""


@attrs.frozen
class FourierCanvas(Canvas):
    """Spectra (N, 3, H, W // 2 + 1, 2), real and imaginary parts, of three decorrelated colours.

    `decay` is the power of frequency that scales them, `amount` the deviation of the noise. `soft`: a sigmoid keeps the
    picture in its range; it never quite reaches black and white. Otherwise the picture is cut to its range, and a
    gradient for uphill steps is bent back where it would drive pixels further beyond.
    """

    decay: float = 1.0
    amount: float = 0.05
    soft: bool = True

    def encode(self, images: Array) -> Array:
        share = (images - self.low) / (self.high - self.low)
        if self.soft:
            share = np.clip(share, 0.002, 0.998)  # the sigmoid reaches its ends only at infinity
            plain = np.log(share / (1 - share))
        else:
            plain = (share - 0.5) / SLOPE
        spectrum = np.fft.rfft2(mix(FROM_RGB, plain)) / self._scale(images.shape)
        return np.stack([spectrum.real, spectrum.imag], axis=-1).astype(images.dtype)

    def decode(self, coordinates: Array) -> tuple[Array, Pull]:
        height, width = self.low.shape[-2:]
        scale = self._scale(self.low.shape)
        spectrum = (coordinates[..., 0] + 1j * coordinates[..., 1]) * scale
        plain = mix(TO_RGB, np.fft.irfft2(spectrum, s=(height, width)).astype(coordinates.dtype))
        span = self.high - self.low
        if self.soft:
            share = 1 / (1 + np.exp(-plain))
            slope, beyond = span * share * (1 - share), None
        else:
            free = 0.5 + plain * plain.dtype.type(SLOPE)
            share = np.clip(free, 0, 1)
            slope, beyond = span * span.dtype.type(SLOPE), (free - share) / plain.dtype.type(LEEWAY)

        def pull(gradient: Array) -> Array:
            if beyond is not None:  # what would leave the range is held back, in proportion to the gradient's size
                size = np.sqrt(np.square(gradient).mean(axis=(1, 2, 3), keepdims=True))
                gradient = gradient - size * beyond
            back = np.fft.rfft2(mix(TO_RGB.T, gradient * (slope / (height * width)))) * (scale * twins(width))
            return np.stack([back.real, back.imag], axis=-1).astype(coordinates.dtype)

        return (self.low + span * share).astype(coordinates.dtype), pull

    def noise(self, images: Array, rng: np.random.Generator) -> Array:
        half = (*images.shape[:-1], images.shape[-1] // 2 + 1, 2)
        return self.amount * rng.standard_normal(half, dtype=np.float32)

    def blur(self, coordinates: Array, sigma: float) -> Array:
        return blurred(coordinates, self.low.shape, sigma)

    def _scale(self, shape: tuple[int, ...]) -> Array:
        """(H, W // 2 + 1): the picture's deviation per unit, 1 / frequency, the constant term as the lowest wave."""
        height, width = shape[-2:]
        frequency = np.maximum(frequencies(shape), 1 / max(height, width))
        return (frequency**-self.decay * np.sqrt(height * width) / 2).astype(np.float32)


def frequencies(shape: tuple[int, ...]) -> Array:
    """(H, W // 2 + 1): waves per pixel."""
    return np.hypot(np.fft.fftfreq(shape[-2])[:, None], np.fft.rfftfreq(shape[-1])[None])


def blurred(spectra: Array, shape: tuple[int, ...], sigma: float) -> Array:
    """Half spectra (..., H, W // 2 + 1, 2) of fields of this shape, after a Gaussian blur of sigma pixels."""
    kept = np.exp(-2 * (np.pi * sigma * frequencies(shape)) ** 2)
    return spectra * kept[..., None].astype(spectra.dtype)


def twins(width: int) -> Array:
    """How often each column of a half spectrum stands in the whole one: the first and, if even, the last once."""
    count = np.full(width // 2 + 1, 2, np.float32)
    count[0] = 1
    if width % 2 == 0:
        count[-1] = 1
    return count
