"""A dream guided by another picture: its features instead of the dreamer's own."""

from typing import Any

import attrs
import numpy as np

from phosphene_core.errors import PhospheneError
from phosphene_core.image import decode
from phosphene_core.layer import Array, Need, Pass
from phosphene_core.objective import Objective, Traced

LONGEST = 224
"""The guide's longer side in pixels: what it shows should come at about the size at which the network knows it."""


@attrs.frozen(eq=False)
class Guided(Objective):
    """At each place of a layer, the product of the features with those of the guide that fit them best there
    (Mordvintsev, Olah and Tyka 2015). `features` (P, C): the guide's, one row for each of its places."""

    layer: str
    features: Array

    @classmethod
    def by(cls, path: str, model: Any, objective: Objective) -> "Guided":
        """The guide in a picture file, in the layer that the objective asks about."""
        layer = objective.upto(model)
        picture = decode(path, max_side=LONGEST)
        if layer is None or layer not in model.feature_maps:
            maps = ", ".join(model.feature_maps)
            raise PhospheneError(f"a guide needs a layer with a height and a width; name one of: {maps}")
        images = model.preprocess([picture], square=False)
        a = model.trace(images, upto=layer, run=Pass(need=Need.NOTHING))[layer]
        return cls(layer, np.ascontiguousarray(a[0].reshape(a.shape[1], -1).T))

    def upto(self, model: Any) -> str:
        return self.layer

    def __call__(self, trace: Traced) -> tuple[Array, dict[str, Array]]:
        a = trace[self.layer]
        places = a.reshape(*a.shape[:2], a.shape[2] * a.shape[3])
        fit = self.features @ places  # (N, P, places)
        best = self.features[fit.argmax(axis=1)].transpose(0, 2, 1)
        return fit.max(axis=1).sum(axis=1), {self.layer: np.ascontiguousarray(best.reshape(a.shape), a.dtype)}

    def describe(self, model: Any) -> str:
        return f"what the guide shows to {self.layer}"
