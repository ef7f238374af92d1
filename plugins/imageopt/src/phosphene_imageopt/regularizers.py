"""What keeps a picture calm: functions of pictures (N, 3, H, W) that give a penalty per picture and its gradient.

All are means over the pixels, with 255 as the unit of a pixel, so that a weight means the same for every picture's size.
"""

from collections.abc import Callable

import attrs
import numpy as np

from phosphene_core.layer import Array

Regularizer = Callable[[Array], tuple[Array, Array]]
UNIT = 255.0


@attrs.frozen
class AlphaNorm:
    """The sum of the channels' |x| ** alpha: 2 is the L2 penalty, 6 only holds back the brightest and darkest pixels
    (Mahendran and Vedaldi 2015). Distances are from the model's mean image."""

    alpha: float = 6.0

    def __call__(self, images: Array) -> tuple[Array, Array]:
        area = images.shape[-2] * images.shape[-1]
        size = np.abs(images) / images.dtype.type(UNIT)
        powered = size ** (self.alpha - 1)
        gradient = np.sign(images) * powered * images.dtype.type(self.alpha / UNIT / area)
        return (powered * size).sum(axis=(1, 2, 3)) / area, gradient


@attrs.frozen
class TotalVariation:
    """The sum of the channels' (difference down ** 2 + difference right ** 2) ** (beta / 2): 1 keeps edges, 2 smooths
    (Mahendran and Vedaldi 2015)."""

    beta: float = 2.0

    def __call__(self, images: Array) -> tuple[Array, Array]:
        area = images.shape[-2] * images.shape[-1]
        unit = images.dtype.type(UNIT)
        down, right = np.zeros_like(images), np.zeros_like(images)
        down[..., :-1, :] = (images[..., 1:, :] - images[..., :-1, :]) / unit
        right[..., :-1] = (images[..., 1:] - images[..., :-1]) / unit
        squared = down**2 + right**2
        if self.beta == 2:
            weight: Array = np.full_like(images, 2 / area / UNIT)
        else:  # the small constant keeps the slope finite where the picture is flat
            weight = (squared + images.dtype.type(1e-8)) ** (self.beta / 2 - 1) * images.dtype.type(
                self.beta / area / UNIT
            )
        down, right = weight * down, weight * right
        gradient = -down - right
        gradient[..., 1:, :] += down[..., :-1, :]
        gradient[..., 1:] += right[..., :-1]
        value = squared if self.beta == 2 else (squared + images.dtype.type(1e-8)) ** (self.beta / 2)
        return value.sum(axis=(1, 2, 3)) / area, gradient
