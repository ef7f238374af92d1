"""The contract of models lets what is right pass, and tells what is broken in words."""

import attrs
import numpy as np
import pytest

from phosphene_core import option
from phosphene_core.layer import Need
from phosphene_core.testing import ContractError, check_model
from phosphene_core.testing.tiny import TinyClassifier


def test_the_tiny_classifier_passes():
    check_model(TinyClassifier)


@attrs.frozen
class Faulty(TinyClassifier):
    """A classifier, broken on request."""

    fault: str = option("", "what to do wrong")

    def initialized(self, rng):
        return super().initialized(np.random.default_rng() if self.fault == "init" else rng)

    def loss(self, batch, run):
        loss, measures, grads = super().loss(batch, run)
        if self.fault == "pair":
            return loss, grads
        if self.fault == "need" and run.need == Need.NOTHING:
            loss += 1
        if self.fault == "batch":
            batch["images"][0] = 0
        grads = {k: 2 * v if self.fault == "double" and k == "scores.W" else v for k, v in grads.items()}
        if self.fault == "missing":
            grads.pop("scores.W", None)
        return loss, measures, grads

    def trace(self, images, upto=None, run=None):
        trace = super().trace(images, upto, run)
        if self.fault == "pictures":
            way = trace.backward
            trace.backward = lambda seeds, to="input": (-way(seeds, to)[0], {})
        return trace


@attrs.frozen
class Forgetful(TinyClassifier):
    """A setting that no JSON holds."""

    ratio: complex = option(1j, "a number that JSON does not know")


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (Faulty("init"), "initialized gave other values of conv1.mix.W for the same seed"),
        (Faulty("pair"), r"loss must return \(loss, measures, gradients\), not tuple"),
        (Faulty("need"), "a pass that needs nothing gave another loss"),
        (Faulty("batch"), "the loss changed the batch of images"),
        (Faulty("double"), "the gradient of scores.W along a random direction is"),
        (Faulty("missing"), "the loss gave no gradient for scores.W"),
        (Faulty("pictures"), "the gradient of a score by the pictures is"),
        (Forgetful(), "it does not come back from its model file"),
    ],
)
def test_a_broken_model_is_told_what_is_wrong(model, message):
    check_model(Faulty())
    with pytest.raises(ContractError, match=message):
        check_model(model)
