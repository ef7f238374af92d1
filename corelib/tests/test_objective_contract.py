"""The contract of objectives lets what is right pass, and tells what is broken in words."""

import attrs
import numpy as np
import pytest

from phosphene_core import Objective, option
from phosphene_core.testing import ContractError, check_objective
from phosphene_core.testing.techniques import FirstScore


def test_the_first_score_passes():
    check_objective(FirstScore)


@attrs.frozen
class Brightness(Objective):
    """The mean of the first activation, or of some of its pictures, broken on request."""

    fault: str = option("", "what to do wrong")
    weights: tuple[float, ...] = ()

    def bound(self, model, images):
        return attrs.evolve(self, weights=tuple(1.0 + i for i in range(len(images))))

    def select(self, rows):
        return self if self.fault == "select" else attrs.evolve(self, weights=tuple(self.weights[int(r)] for r in rows))

    def __call__(self, trace):
        a = trace["conv1"]
        w = np.array(self.weights)
        seed = np.broadcast_to(w[:, None, None, None] / a[0].size, a.shape).astype(a.dtype)
        value = a.mean(axis=(1, 2, 3)) * w
        name = "conv7" if self.fault == "name" else "conv1"
        if self.fault == "sign":
            seed = -seed
        if self.fault == "seed":
            seed = seed[:1]
        if self.fault == "scalar":
            value = value.sum()
        if self.fault == "alone":
            return value
        return value, {name: seed}

    def describe(self, model):
        return "" if self.fault == "words" else "brightness"


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("select", r"select\(\[1, 0\]\) does not ask the same of those pictures"),
        ("name", "a seed is named 'conv7', which is no activation"),
        ("sign", "the gradient along a direction is .*; the central difference is"),
        ("seed", r"the seed of conv1 has shape \(1, 4, 12, 12\), not \(2, 4, 12, 12\)"),
        ("scalar", r"the value must be one number per picture, not shape \(\)"),
        ("alone", "must return .* not ndarray"),
        ("words", "must say in words what is asked"),
    ],
)
def test_a_broken_objective_is_told_what_is_wrong(fault, message):
    check_objective(Brightness())
    with pytest.raises(ContractError, match=message):
        check_objective(Brightness(fault))
