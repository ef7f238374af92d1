"""The paths that a changed picture may take: to the least change, or as far as a bound allows."""

from typing import ClassVar, Protocol

import attrs
import numpy as np

from phosphene_core.layer import Array
from phosphene_fooling.norms import length, project, steepest


class Walk(Protocol):
    """Proposes changes (N, 3, H, W), one after another. `refines`: whether it goes on once the picture fools."""

    refines: ClassVar[bool]

    @property
    def norm(self) -> str: ...
    def start(self, images: Array, rng: np.random.Generator) -> Array: ...
    def whole(self, change: Array) -> Array:
        """The change in whole pixel values."""
        ...

    def step(self, rows: Array, change: Array, gradient: Array, fooled: Array, share: float) -> Array:
        """The next change of the pictures with the numbers `rows`, `share` (0..1) of the way through the steps."""
        ...


@attrs.define
class LeastChange:
    """Walks up the steepest slope; a ball around the original shrinks while the picture fools and grows while it does
    not, so that the walk follows the border of the class to where it is nearest (Rony et al. 2019)."""

    refines: ClassVar[bool] = True

    norm: str
    shrink: float = 0.04
    bound: Array = attrs.field(factory=lambda: np.zeros(0))

    def start(self, images: Array, rng: np.random.Generator) -> Array:
        self.bound = np.full(len(images), np.inf)
        return np.zeros_like(images)

    def whole(self, change: Array) -> Array:
        return np.rint(change)

    def step(self, rows: Array, change: Array, gradient: Array, fooled: Array, share: float) -> Array:
        reached = np.minimum(self.bound[rows], length(change, self.norm))
        bound = np.where(fooled, reached * (1 - self.shrink), self.bound[rows] * (1 + self.shrink))
        self.bound[rows] = bound
        # Ever longer steps find the border, ever shorter ones follow it. In l2 a step is spread over all pixels.
        stride: Array = np.where(np.isfinite(bound), 1 - 0.8 * share, 1 + 4 * share)
        stride = stride * (1 if self.norm == "linf" else 0.4 * gradient[0].size ** 0.5)
        stride = stride.astype(gradient.dtype)[:, None, None, None]
        return project(change + stride * steepest(gradient, self.norm), self.norm, bound)


@attrs.frozen
class Bounded:
    """Steps of one length within a fixed ball, from its centre or from a random place in it."""

    refines: ClassVar[bool] = False

    norm: str
    epsilon: float
    stride: float
    random_start: bool

    def start(self, images: Array, rng: np.random.Generator) -> Array:
        if not self.random_start:
            return np.zeros_like(images)
        change: Array = np.asarray(rng.uniform(-1, 1, images.shape), images.dtype)
        return project(change * images.dtype.type(self.epsilon), self.norm, np.full(len(images), self.epsilon))

    def whole(self, change: Array) -> Array:
        return np.trunc(change)  # towards the original, so that the bound is never exceeded

    def step(self, rows: Array, change: Array, gradient: Array, fooled: Array, share: float) -> Array:
        further = change + gradient.dtype.type(self.stride) * steepest(gradient, self.norm)
        return project(further, self.norm, np.full(len(change), self.epsilon))


METHODS = ("least_change", "fgsm", "pgd")


def way(method: str, norm: str, epsilon: float) -> Walk:
    """The walk of one of `METHODS`; `epsilon`, in pixel values, bounds the last two."""
    if method == "least_change":
        return LeastChange(norm)
    single = method == "fgsm"
    return Bounded(norm, epsilon, epsilon * (1 if single else 0.25), random_start=not single)
