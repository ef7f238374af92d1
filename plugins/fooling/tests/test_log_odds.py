"""The log-odds of a class."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phosphene_core.gradcheck import numeric_gradient
from phosphene_fooling.log_odds import LogOdds


@settings(max_examples=30)
@given(st.integers(2, 7), st.floats(0.1, 30), st.integers(0, 99))
def test_the_value_is_the_log_odds_and_the_seed_its_gradient(classes, spread, seed):
    rng = np.random.default_rng(seed)
    scores = {"scores": spread * rng.standard_normal((3, classes))}
    asked = LogOdds(rng.integers(0, classes, 3), np.array([True, False, True]), "scores")
    value, seeds = asked(scores)
    p = np.exp(scores["scores"] - scores["scores"].max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    own = p[range(3), asked.classes]
    rest = np.where(np.arange(classes) == asked.classes[:, None], 0, p).sum(axis=1)
    assert value == pytest.approx(np.log(own / rest) * [-1, 1, -1], abs=1e-6)
    numeric = numeric_gradient(lambda: asked(scores)[0], scores["scores"], np.ones(3))
    assert seeds["scores"] == pytest.approx(numeric, abs=1e-5)


def test_a_sure_model_still_has_a_slope():
    value, seeds = LogOdds(np.array([0]), np.array([True]), "scores")({"scores": np.float32([[900, 0, -5]])})
    assert value == pytest.approx([-900], rel=1e-4)
    assert seeds["scores"][0] == pytest.approx([-1, 1, 0], abs=0.01)
