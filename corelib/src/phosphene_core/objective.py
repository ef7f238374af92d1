"""An objective is the question that a technique asks: one number per picture, and its gradient by activations."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Protocol, Self

import attrs
import numpy as np

from phosphene_core.errors import PhospheneError
from phosphene_core.layer import Array, Grads, Need, Pass


class Traced(Protocol):
    """What an objective sees: activations by name (`Trace`, or a model's own)."""

    def __getitem__(self, name: str) -> Any: ...
    def backward(self, seeds: dict[str, Array], to: str = ...) -> tuple[Any, Grads]: ...


@attrs.frozen
class Objective(ABC):
    """A number per picture. Objectives add and scale: `ClassScore(3) - 0.5 * ClassScore(7)`."""

    default_model: ClassVar[str | None] = None
    """The registered model that it is asked of when the user names none; None: the embedded classifier."""

    def bound(self, model: Any, images: Array) -> Self:
        """The same question with everything settled for these pictures: names become indexes, "the model's own
        prediction" becomes that class. Techniques call it once, before they change a picture."""
        return self

    def select(self, rows: Array) -> Self:
        """The bound question about some of its pictures, by their numbers, repeats allowed: how a technique asks about
        many versions of one picture in one batch."""
        return self

    def upto(self, model: Any) -> str | None:
        """The last activation that is needed (None: all of them); a trace may stop there."""
        return None

    @abstractmethod
    def __call__(self, trace: Traced) -> tuple[Array, dict[str, Array]]:
        """The value per picture (N,) and the gradient of the values' sum by each activation that it reads."""

    def describe(self, model: Any) -> str:
        """The question in words, for people: "class tabby"."""
        return str(self)

    def __add__(self, other: "Objective") -> "Total":
        return Total(_parts(self) + _parts(other))

    def __sub__(self, other: "Objective") -> "Total":
        return self + -1.0 * other

    def __mul__(self, weight: float) -> "Total":
        return Total(tuple((w * weight, o) for w, o in _parts(self)))

    __rmul__ = __mul__

    def __neg__(self) -> "Total":
        return -1.0 * self


@attrs.frozen
class Total(Objective):
    """The weighted sum of several objectives."""

    parts: tuple[tuple[float, Objective], ...]

    def bound(self, model: Any, images: Array) -> "Total":
        return Total(tuple((w, o.bound(model, images)) for w, o in self.parts))

    def select(self, rows: Array) -> "Total":
        return Total(tuple((w, o.select(rows)) for w, o in self.parts))

    def upto(self, model: Any) -> str | None:
        ends = [o.upto(model) for _, o in self.parts]
        if None in ends:
            return None
        order = ("input", *model.activations)  # a part may read the picture alone
        return max((e for e in ends if e), key=order.index, default=None)

    def __call__(self, trace: Traced) -> tuple[Array, dict[str, Array]]:
        total: Any = 0.0
        seeds: dict[str, Array] = {}
        for weight, part in self.parts:
            value, own = part(trace)
            total = total + weight * value
            for name, seed in own.items():
                seeds[name] = seeds[name] + weight * seed if name in seeds else weight * seed
        return total, seeds

    def describe(self, model: Any) -> str:
        return " ".join(f"{w:+g} × {o.describe(model)}" for w, o in self.parts)


def _parts(objective: Objective) -> tuple[tuple[float, Objective], ...]:
    return objective.parts if isinstance(objective, Total) else ((1.0, objective),)


def image_gradient(model: Any, images: Array, objective: Objective) -> tuple[Array, Array]:
    """The gradient of the objective by the pictures (N, 3, H, W) and its value per picture (N,).

    `PhospheneError` if it is not finite: no map could be drawn of it.
    """
    trace = model.trace(images, upto=objective.upto(model))
    value, seeds = objective(trace)
    return _finite(trace.backward(seeds)[0], "gradient", objective, model), value


def image_value(model: Any, images: Array, objective: Objective) -> Array:
    """The objective's value per picture (N,), without the memory that a gradient would need.

    `PhospheneError` if it is not finite.
    """
    trace = model.trace(images, upto=objective.upto(model), run=Pass(need=Need.NOTHING))
    return _finite(objective(trace)[0], "value", objective, model)


def _finite(numbers: Array, what: str, objective: Objective, model: Any) -> Array:
    if not np.isfinite(numbers).all():
        raise PhospheneError(
            f"the {what} of {objective.describe(model)} is not finite (NaN or infinite): "
            "the model's weights or the picture hold such numbers, or the activations overflow"
        )
    return numbers
