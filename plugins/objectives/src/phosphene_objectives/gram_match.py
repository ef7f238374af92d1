"""How near the style of a picture is to that of a reference: which features occur together, wherever they are."""

from typing import Any, Self

import attrs
import numpy as np

from phosphene_core.errors import PhospheneError, ShapeError
from phosphene_core.layer import Array, Need, Pass
from phosphene_core.objective import Objective, Traced
from phosphene_core.options import option
from phosphene_objectives.activation import known

DEPTH = 5


@attrs.frozen(eq=False)
class GramMatch(Objective):
    """Minus the weighted squared distance of Gram matrices, sum over layers of w / (4 C²) · ‖G − A‖², where
    G = F Fᵀ / (H W) for features F (C, H W) (Gatys, Ecker and Bethge 2015, 2016). The reference may have any size.

    Without `grams` (one array (N or 1, C, C) per layer), `bound` takes those of the pictures that it is bound to.
    """

    layers: tuple[str, ...] = option((), f"layers by name; none: up to {DEPTH}, spread over the network's lower part")
    weights: tuple[float, ...] = option((1.0,), "weight of each layer, the last one repeated", ge=0)
    grams: tuple[Array, ...] = attrs.field(default=(), repr=False, kw_only=True)

    @classmethod
    def of(cls, model: Any, images: Array, layers: tuple[str, ...] = (), weights: tuple[float, ...] = (1.0,)) -> Self:
        """The match with the style of these pictures."""
        names = tuple(known(n, model) for n in layers) or lower_maps(model)
        end = max(names, key=model.activations.index)
        trace = model.trace(images, upto=end, run=Pass(need=Need.NOTHING))
        return cls(names, weights, grams=tuple(gram(trace[n], n) for n in names))

    def bound(self, model: Any, images: Array) -> Self:
        return self if self.grams else self.of(model, images, self.layers, self.weights)

    def select(self, rows: Array) -> Self:
        return attrs.evolve(self, grams=tuple(g if len(g) == 1 else g[rows] for g in self.grams))

    def upto(self, model: Any) -> str | None:
        return max((known(n, model) for n in self.layers), key=model.activations.index, default=None)

    def __call__(self, trace: Traced) -> tuple[Array, dict[str, Array]]:
        if not self.grams or len(self.grams) != len(self.layers):
            raise PhospheneError("the style is not settled yet: call objective.bound(model, images) first")
        value: Any = 0.0
        seeds: dict[str, Array] = {}
        for i, (name, wanted) in enumerate(zip(self.layers, self.grams, strict=True)):
            a = trace[name]
            weight = (self.weights or (1.0,))[min(i, len(self.weights) - 1)] / a.shape[1] ** 2
            away = gram(a, name) - wanted
            value = value - weight / 4 * np.square(away).sum(axis=(1, 2))
            flat = a.reshape(*a.shape[:2], a.shape[2] * a.shape[3])
            seed = (-weight / flat.shape[2]) * (away @ flat)
            seeds[name] = seed.reshape(a.shape).astype(a.dtype)
        return value, seeds

    def describe(self, model: Any) -> str:
        return "the reference's style" + (f" in {', '.join(self.layers)}" if self.layers else "")


def gram(a: Array, layer: str) -> Array:
    """The Gram matrices (N, C, C) of an activation (N, C, H, W), over the number of places."""
    if a.ndim != 4:
        raise ShapeError(f"{layer} has no height and width; style lies in layers that have them, such as conv1")
    count, channels, height, width = a.shape
    flat = a.reshape(count, channels, height * width)
    return np.asarray(flat @ flat.transpose(0, 2, 1) / (height * width))


def lower_maps(model: Any) -> tuple[str, ...]:
    """Every other one of the lower layers with a height and a width, `DEPTH` at most."""
    maps = model.feature_maps
    if not maps:
        raise PhospheneError("no layer of this model keeps a height and a width; a style needs one")
    return tuple(maps[:: 2 if len(maps) >= 2 * DEPTH - 1 else 1][:DEPTH])
