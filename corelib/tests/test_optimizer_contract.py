"""The contract of optimizers lets what is right pass, and tells what is broken in words."""

import attrs
import pytest

from phosphene_core import Optimizer, option
from phosphene_core.testing import ContractError, check_optimizer


@attrs.frozen
class Plain(Optimizer):
    learning_rate: float = option(0.1, "step size")
    fault: str = option("", "what to do wrong")
    hidden: dict = attrs.field(factory=dict)

    def start(self, params):
        if self.fault == "start":
            params["b"] *= 2
        return {"count": 0} if self.fault == "state" else {}

    def update(self, params, grads, state, scale=1.0):
        self.hidden["count"] = self.hidden.get("count", 0) + 1
        for name, g in grads.items():
            rate = self.learning_rate * (1 if self.fault == "scale" else scale)
            if self.fault == "up":
                rate = -rate
            if self.fault == "grads":
                g *= 2
            if self.fault == "hidden":
                rate /= self.hidden["count"]
            if self.fault == "replace":
                params[name] = params[name] - rate * g
            else:
                params[name] -= rate * g
        if self.fault == "others":
            params["b"] += rate


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("scale", "scale 0 must leave the parameters as they are; W changed"),
        ("up", "thirty updates did not lower a quadratic: it went from .* to"),
        ("grads", "update changed the gradient of W"),
        ("replace", "in place"),
        ("start", "start changed the parameter b"),
        ("state", "the state holds 'count' as int; it must hold arrays"),
        ("hidden", "led to another W: something is kept outside the state"),
        ("others", "update changed a parameter that had no gradient"),
    ],
)
def test_a_broken_optimizer_is_told_what_is_wrong(fault, message):
    check_optimizer(Plain())
    with pytest.raises(ContractError, match=message):
        check_optimizer(Plain(fault=fault))
