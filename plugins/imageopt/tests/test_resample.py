"""Floats at another size."""

import numpy as np
import pytest

from phosphene_imageopt import resample


def test_the_mean_and_the_dtype_stay_and_nothing_is_cut():
    x = np.random.default_rng(0).normal(0, 400, (2, 3, 24, 32)).astype(np.float32)
    small = resample(x, 12, 16)
    assert small.shape == (2, 3, 12, 16)
    assert small.dtype == np.float32
    assert small.mean() == pytest.approx(x.mean(), abs=10)
    assert resample(x, 24, 32) is x
    assert np.abs(resample(x, 48, 64)).max() > 400


def test_shrinking_averages_instead_of_picking():
    stripes = np.broadcast_to(np.arange(32) % 2 * 100.0, (1, 1, 32, 32)).astype(np.float32)
    assert resample(stripes, 8, 8)[..., 2:-2] == pytest.approx(50, abs=6)
