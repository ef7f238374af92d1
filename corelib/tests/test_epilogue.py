"""A layer that only scales, shifts and rectifies is done by the layer before it, and nobody can tell."""

from typing import Any

import attrs
import numpy as np
import pytest

from phosphene_core.chain import Chain, Trace
from phosphene_core.epilogue import RULES, Epilogue
from phosphene_core.errors import SettingError
from phosphene_core.layer import Layer, Need, Pass
from phosphene_core.options import option


@attrs.frozen
class Double(Layer):
    """y = 2 x, and an epilogue if it is given one; it counts in `log` how it was asked."""

    log: list[str] = attrs.field(factory=list, eq=False)
    willing: bool = True

    def init(self, rng: Any, shape: Any) -> Any:
        return {}, shape

    def forward(self, params: Any, x: Any, run: Pass) -> Any:
        self.log.append("alone")
        return 2 * x, lambda dy: (2 * dy, {})

    def forward_with(self, params: Any, x: Any, run: Pass, epilogue: Epilogue) -> Any:
        if not self.willing:
            return None
        self.log.append("together")
        y = epilogue.forward(2 * x)
        return y, lambda dy: (2 * epilogue.backward(dy, y), {})


@attrs.frozen
class Bend(Layer):
    """max(0, scale * x + shift), an epilogue unless the pass trains."""

    rule: str = option("gradient", "the way back", choices=RULES)

    def init(self, rng: Any, shape: Any) -> Any:
        return {"scale": np.ones(shape[0]), "shift": np.zeros(shape[0])}, shape

    def as_epilogue(self, params: Any, run: Pass) -> Epilogue | None:
        return None if run.train else Epilogue(params["scale"], params["shift"], self.rule)

    def forward(self, params: Any, x: Any, run: Pass) -> Any:
        epilogue = Epilogue(params["scale"], params["shift"], self.rule)
        y = epilogue.forward(x)
        return y, lambda dy: (epilogue.backward(dy, y), {})


X = np.random.default_rng(0).standard_normal((3, 2, 4))
PARAMS = {"bend.scale": np.array([1.0, -2.0]), "bend.shift": np.array([0.1, 0.2])}


@pytest.mark.parametrize("rule", RULES)
def test_together_is_as_one_after_the_other(rule: str) -> None:
    seed = np.cos(np.arange(X.size)).reshape(X.shape)
    results = []
    for willing in (True, False):
        layer = Double(willing=willing)
        y, backward = Chain({"double": layer, "bend": Bend(rule)}).forward(PARAMS, X, Pass(need=Need.INPUT))
        results.append((y, backward(seed)[0]))
        assert layer.log == ["together" if willing else "alone"]
    for mine, right in zip(*results, strict=True):
        np.testing.assert_array_equal(mine, right)


def test_who_looks_at_the_activation_between_gets_it() -> None:
    layer = Double()
    trace = Trace(Chain({"double": layer, "bend": Bend()}), PARAMS, X, Pass(need=Need.INPUT))
    np.testing.assert_array_equal(trace["double"], 2 * X)
    assert layer.log == ["alone"]


@pytest.mark.parametrize("run", [Pass(need=Need.BOTH), Pass(need=Need.INPUT, train=True)], ids=["parameters", "training"])
def test_gradients_of_parameters_and_training_go_one_by_one(run: Pass) -> None:
    layer = Double()
    Chain({"double": layer, "bend": Bend()}).forward(PARAMS, X, run)
    assert layer.log == ["alone"]


def test_an_epilogue_of_nothing_changes_nothing() -> None:
    assert Epilogue().forward(X) is X
    assert Epilogue().backward(X, X) is X


def test_an_unknown_rule() -> None:
    with pytest.raises(SettingError, match="must be one of"):
        Epilogue(rule="bent")
