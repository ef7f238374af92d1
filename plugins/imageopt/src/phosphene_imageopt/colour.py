"""Decorrelated colour: three channels that are independent in natural pictures, and the way to red, green and blue.

In photographs red, green and blue rise and fall together. Ascent in the principal axes of their covariance (brightness,
blue against yellow, green against magenta), each in proportion to how much it varies, gives the colours of photographs
instead of a rainbow. Olah, Mordvintsev and Schubert 2017, "Feature Visualization".
"""

import numpy as np

from phosphene_core.layer import Array

# Standard deviations and axes of the colours (0..1) in every tenth training picture of TinyImageNet-100-A.
_DEVIATION = np.array([0.4521, 0.1424, 0.0644])
_AXES = np.array([[0.5692, 0.7071, 0.4195], [0.5845, 0.0109, -0.8113], [0.5783, -0.7070, 0.4071]])

TO_RGB: Array = (_AXES * _DEVIATION / _DEVIATION[0]).astype(np.float32)
"""(3, 3): decorrelated channels in, RGB out; one unit of brightness is worth about 0.6 in each of R, G and B."""

FROM_RGB: Array = np.linalg.inv(TO_RGB).astype(np.float32)


def mix(matrix: Array, images: Array) -> Array:
    """`matrix` (3, 3) applied to the channels of (N, 3, H, W). Its adjoint is `mix(matrix.T, ...)`."""
    return np.einsum("ij,njhw->nihw", matrix.astype(images.dtype), images)
