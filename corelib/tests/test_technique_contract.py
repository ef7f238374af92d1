"""The contract of techniques lets what is right pass, and tells what is broken in words."""

import attrs
import numpy as np
import pytest

from phosphene_core import Attribution, Frame, Generation, Result, option
from phosphene_core.objective import image_gradient
from phosphene_core.testing import ContractError, check_technique


@attrs.frozen
class Map(Attribution):
    """The gradient's size, broken on request."""

    fault: str = option("", "what to do wrong")

    def attribute(self, model, images, objective, rng):
        if self.fault == "pictures":
            images += 1
        if self.fault == "model":
            model.params["scores.W"][...] *= 2
        gradient, values = image_gradient(model, images, objective)
        maps = np.abs(gradient).max(axis=1)
        if self.fault == "random":
            maps = maps + np.random.default_rng().random(maps.shape)
        if self.fault == "nan":
            maps = maps * np.nan
        if self.fault == "colours":
            maps = gradient
        if self.fault == "batch":
            maps = maps - maps.mean(axis=0)
        if self.fault == "values":
            values = values.sum()
        if self.fault == "others":
            values = values + 1
        return maps if self.fault == "alone" else Result(maps, values)


@attrs.frozen
class Climb(Generation):
    """Steps up the gradient, broken on request."""

    fault: str = option("", "what to do wrong")

    def frames(self, model, images, objective, rng):
        for step in range(1, 4):
            if self.fault == "nothing":
                return
            gradient, values = image_gradient(model, images, objective)
            images = images + gradient
            shown = {"steps": 5, "back": 4 - step}.get(self.fault, step)
            made = images[0] if self.fault == "one" else images
            yield made if self.fault == "alone" else Frame(shown, 3, made, values)


@pytest.mark.parametrize(
    ("technique", "message"),
    [
        (Map("pictures"), "the technique changed the pictures"),
        (Map("model"), "the technique changed the parameter of the model scores.W"),
        (Map("random"), "the same seed gave other results: draw from the rng"),
        (Map("nan"), "NaN or infinite"),
        (Map("colours"), r"maps must be \(N, H, W\), not \(2, 3, 12, 12\)"),
        (Map("batch"), "picture 0 alone gave another map than in a batch of 2"),
        (Map("values"), "values must be one number per picture"),
        (Map("others"), "values must be the objective's of the pictures"),
        (Map("alone"), "attribute must return a Result, not ndarray"),
        (Climb("nothing"), "yielded no frame"),
        (Climb("steps"), "a frame says step 5 of 3"),
        (Climb("back"), "a frame says step 2 after step 3"),
        (Climb("one"), r"a frame's images must be \(N, 3, H, W\), not"),
        (Climb("alone"), "frames must yield Frame objects, not ndarray"),
    ],
)
def test_a_broken_technique_is_told_what_is_wrong(technique, message):
    check_technique(type(technique)())
    with pytest.raises(ContractError, match=message):
        check_technique(technique)
