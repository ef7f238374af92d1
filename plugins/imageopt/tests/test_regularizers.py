"""Regularizers: what they punish, and their exact gradients."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phosphene_core.gradcheck import numeric_gradient
from phosphene_imageopt import AlphaNorm, TotalVariation

regularizers = st.one_of(
    st.builds(AlphaNorm, st.sampled_from([1.5, 2.0, 6.0])), st.builds(TotalVariation, st.sampled_from([1.0, 1.5, 2.0]))
)


@settings(max_examples=20)
@given(regularizers, st.integers(1, 4), st.integers(1, 4), st.integers(0, 99))
def test_gradients_agree_with_central_differences(regularizer, height, width, seed):
    x = np.random.default_rng(seed).uniform(-120, 120, (2, 3, height, width))
    value, gradient = regularizer(x)
    assert value.shape == (2,)
    numeric = numeric_gradient(lambda: regularizer(x)[0], x, np.ones(2), step=1e-4)
    assert gradient == pytest.approx(numeric, rel=1e-4, abs=1e-9)


@pytest.mark.parametrize("beta", [1.0, 2.0])
def test_a_flat_picture_has_no_variation_and_stripes_have_more_than_a_ramp(beta):
    flat = np.full((1, 3, 8, 8), 30.0)
    ramp = np.broadcast_to(np.linspace(0, 70, 8), (1, 3, 8, 8)).copy()
    stripes = np.where(np.arange(8) % 2, 0.0, 70.0) + 0 * flat
    variation = [TotalVariation(beta)(x)[0][0] for x in (flat, ramp, stripes)]
    assert variation[0] == pytest.approx(0, abs=1e-3)
    assert variation[0] < variation[1] < variation[2]


def test_a_higher_power_minds_mostly_the_extreme_pixels():
    calm, extreme = np.full((1, 3, 4, 4), 60.0), np.full((1, 3, 4, 4), 120.0)
    ratios = [AlphaNorm(a)(extreme)[0][0] / AlphaNorm(a)(calm)[0][0] for a in (2.0, 6.0)]
    assert ratios == pytest.approx([4, 64])


@pytest.mark.parametrize("regularizer", [AlphaNorm(2.0), AlphaNorm(6.0), TotalVariation(), TotalVariation(1.0)])
def test_a_penalty_does_not_depend_on_the_size_of_the_picture_and_float32_stays(regularizer):
    small = np.random.default_rng(0).uniform(-100, 100, (1, 3, 16, 16)).astype(np.float32)
    large = np.tile(small, (1, 1, 4, 4))
    assert regularizer(large)[0] == pytest.approx(regularizer(small)[0], rel=0.1)
    assert regularizer(small)[1].dtype == np.float32
