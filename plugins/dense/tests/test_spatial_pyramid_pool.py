"""What is in a picture and roughly where."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phosphene_core import Pass, ShapeError
from phosphene_core.testing import check_layer
from phosphene_dense import GlobalAveragePool, SpatialPyramidPool


@settings(max_examples=25)
@given(st.integers(1, 7), st.integers(1, 7), st.lists(st.integers(1, 5), min_size=1, max_size=3))
def test_it_keeps_the_contract_at_any_size(height, width, levels):
    check_layer(SpatialPyramidPool(tuple(levels)), np.random.default_rng(0).standard_normal((2, 2, height, width)))


def test_each_cell_gives_its_part_of_the_mean():
    x = np.random.default_rng(1).standard_normal((2, 3, 8, 4))
    y, _ = SpatialPyramidPool((1, 2)).forward({}, x, Pass())
    y = y.reshape(2, 3, 5)
    np.testing.assert_allclose(y[..., 0], GlobalAveragePool().forward({}, x, Pass())[0])
    np.testing.assert_allclose(y[..., 2], x[:, :, :4, 2:].mean(axis=(2, 3)) / 4)
    np.testing.assert_allclose(y[..., 3], x[:, :, 4:, :2].mean(axis=(2, 3)) / 4)
    np.testing.assert_allclose(y[..., 1:].sum(axis=2), y[..., 0])


def test_cells_share_what_lies_between_them_where_a_side_does_not_divide():
    y, _ = SpatialPyramidPool((2,)).forward({}, np.arange(3.0).reshape(1, 1, 1, 3), Pass())
    np.testing.assert_allclose(4 * y, [[0.5, 1.5, 0.5, 1.5]])


def test_rows_are_no_pictures():
    with pytest.raises(ShapeError, match="spatial_pyramid_pool wants"):
        SpatialPyramidPool().init(np.random.default_rng(0), (5,))
