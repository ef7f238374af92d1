"""The sample photographs: real ones that scikit-image ships."""

from typing import Any

import attrs
import numpy as np

from phosphene_core.layer import Array


@attrs.frozen
class Photograph:
    """A picture (H, W, 3) uint8, its name, where it comes from, and the class of what it shows."""

    name: str
    picture: Array
    credit: str
    shows: str | None = None


def photographs() -> list[Photograph]:
    """A cat, a cup of coffee and a rocket: the embedded network knows a class for each."""
    from skimage import data as shipped

    data: Any = shipped

    return [
        Photograph("chelsea", np.asarray(data.chelsea()), "Chelsea the cat, by Stéfan van der Walt (CC0)", "tabby"),
        Photograph("coffee", np.asarray(data.coffee()), "Coffee, by Rachel Michetti (CC0)", "espresso"),
        Photograph("rocket", np.asarray(data.rocket()), "Falcon 9, by SpaceX (CC0)", "projectile"),
    ]
