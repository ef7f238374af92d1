"""Rows of a table and their gradients."""

import numpy as np

from phosphene_core.lookup import table_gradient


def test_the_gradient_of_a_table_adds_up_each_row():
    rng = np.random.default_rng(0)
    words, d = rng.integers(0, 7, 50), rng.standard_normal((50, 3))
    want = np.zeros((9, 3))
    np.add.at(want, words, d)
    np.testing.assert_allclose(table_gradient(words, d, 9), want, rtol=1e-12)
    assert not table_gradient(words[:0], d[:0], 9).any()
