"""The change between two pictures that look the same, made visible."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phosphene_core.change import MIDDLE, SUBTLE, enlarged_change


@given(st.integers(1, SUBTLE), st.integers(0, 99))
def test_the_change_can_be_read_back_from_the_picture(most, seed):
    rng = np.random.default_rng(seed)
    before = rng.integers(most, 256 - most, (5, 4, 3)).astype(np.uint8)
    change = rng.integers(-most, most + 1, before.shape)
    change[0, 0, 0] = most
    picture, times = enlarged_change(before, (before + change).astype(np.uint8))
    assert picture.dtype == np.uint8
    assert np.array_equal((picture.astype(int) - MIDDLE) / times, change)
    assert times * most > MIDDLE - most  # as large as the range allows


@pytest.mark.parametrize(
    "after",
    [np.full((4, 4, 3), 100, np.uint8), np.full((4, 4, 3), 101 + SUBTLE, np.uint8), np.full((8, 8, 3), 101, np.uint8)],
    ids=["equal", "plainly seen", "of another size"],
)
def test_nothing_is_enlarged_where_there_is_nothing_to_enlarge(after):
    assert enlarged_change(np.full((4, 4, 3), 100, np.uint8), after) is None
