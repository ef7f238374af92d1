"""The sample photographs: real ones that scikit-image ships."""

from typing import Any

import attrs
import numpy as np

from phosphene_core.layer import Array


@attrs.frozen
class Photograph:
    """A picture (H, W, 3) uint8, its name and where it comes from."""

    name: str
    picture: Array
    credit: str


def photographs() -> list[Photograph]:
    """A cat, a cup of coffee and a rocket: the first two are classes that the embedded network knows."""
    from skimage import data as shipped

    data: Any = shipped

    return [
        Photograph("chelsea", np.asarray(data.chelsea()), "Chelsea the cat, by Stéfan van der Walt (CC0)"),
        Photograph("coffee", np.asarray(data.coffee()), "Coffee, by Rachel Michetti (CC0)"),
        Photograph("rocket", np.asarray(data.rocket()), "Falcon 9, by SpaceX (CC0)"),
    ]
