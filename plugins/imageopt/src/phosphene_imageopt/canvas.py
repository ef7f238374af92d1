"""A canvas: the coordinates in which a picture is written down while it is optimised."""

from abc import ABC, abstractmethod
from collections.abc import Callable

import attrs
import numpy as np

from phosphene_core.image import blur as gaussian
from phosphene_core.layer import Array

Pull = Callable[[Array], Array]
"""Takes a gradient by the picture back to the coordinates."""


@attrs.frozen
class Canvas(ABC):
    """Coordinates for pictures (N, 3, H, W) between `low` and `high` (3, H, W), as `ImageModel.pixel_range` gives them.

    A step of the same length means about the same change on every canvas, so a learning rate carries over.
    """

    low: Array = attrs.field(eq=False, repr=False)
    high: Array = attrs.field(eq=False, repr=False)

    @abstractmethod
    def encode(self, images: Array) -> Array:
        """The coordinates of pictures, batch axis first."""

    @abstractmethod
    def decode(self, coordinates: Array) -> tuple[Array, Pull]:
        """The pictures, and the way back for their gradient."""

    @abstractmethod
    def noise(self, images: Array, rng: np.random.Generator) -> Array:
        """Random coordinates for pictures of this shape: what ascent starts from. Add to `encode`'s, or use alone."""

    @abstractmethod
    def blur(self, coordinates: Array, sigma: float) -> Array:
        """The coordinates of the pictures blurred by a Gaussian of `sigma` pixels."""

    def settle(self, coordinates: Array) -> None:
        """After a step, in place: bring the coordinates back to where pictures are."""


@attrs.frozen
class PixelCanvas(Canvas):
    """The pixels themselves, 255 to the unit, cut to the range after each step."""

    amount: float = 0.04
    """Standard deviation of the noise, as a share of the range."""

    def encode(self, images: Array) -> Array:
        return images / np.float32(255)

    def decode(self, coordinates: Array) -> tuple[Array, Pull]:
        return coordinates * np.float32(255), lambda gradient: gradient * np.float32(255)

    def noise(self, images: Array, rng: np.random.Generator) -> Array:
        return np.asarray(rng.standard_normal(images.shape, dtype=np.float32) * np.float32(self.amount))

    def blur(self, coordinates: Array, sigma: float) -> Array:
        return gaussian(coordinates, sigma)

    def settle(self, coordinates: Array) -> None:
        np.clip(coordinates, self.low / np.float32(255), self.high / np.float32(255), out=coordinates)
