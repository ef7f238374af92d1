"""The contract of a recurrent layer's single step: it must agree with the whole sequence and change nothing."""

import attrs
import numpy as np
import pytest

from phosphene_core import option
from phosphene_core.testing import ContractError, TinyRecurrent, check_layer


@attrs.frozen
class Halting(TinyRecurrent):
    """A recurrent layer, broken on request."""

    fault: str = option("", "what to do wrong")

    @classmethod
    def example(cls, rng):
        raise NotImplementedError

    def start(self, h0):
        return (0 * h0,) if self.fault == "start" else super().start(h0)

    def step(self, params, projected, state):
        h, following = super().step(params, projected, state)
        if self.fault == "step":
            h = h + 1e-3 * (state[0] != 0)
        if self.fault == "state":
            state[0][...] = 0
        return h, following


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("start", "the first array of what start returns must be h0 itself"),
        ("step", "h of step 0, beside forward's, differs by 0.001 at index"),
        ("state", "step changed its state"),
    ],
)
def test_a_broken_step_is_told_what_is_wrong(fault, message):
    rng = np.random.default_rng(0)
    inputs = rng.standard_normal((2, 3, 2)), rng.standard_normal((2, 4))
    check_layer(Halting(4), inputs)
    with pytest.raises(ContractError, match=message):
        check_layer(Halting(4, fault), inputs)
