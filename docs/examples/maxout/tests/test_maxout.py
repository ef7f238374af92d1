"""The layer by its contract, and its kernel beside its specification."""

import numpy as np
import pytest
from phosphene_core import ShapeError
from phosphene_core.testing import check_layer

from maxout_layer import Maxout, layer, twin


def test_it_keeps_the_contract():
    check_layer(Maxout)
    check_layer(Maxout(2), np.random.default_rng(0).standard_normal((3, 4)))


@pytest.mark.skipif(not layer.COMPILED, reason="the kernel was not built")
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("channels", "pieces"), [(6, 2), (6, 3), (255, 255)])
def test_the_kernel_does_what_its_twin_does(dtype, channels, pieces):
    rng = np.random.default_rng(1)
    x = rng.integers(-3, 4, (2, channels, 7)).astype(dtype)  # with ties: the first one wins
    for got, want in zip(layer.kernel.largest(x, pieces), twin.largest(x, pieces), strict=True):
        assert got.dtype == want.dtype
        np.testing.assert_array_equal(got, want)
    which = twin.largest(x, pieces)[1]
    dy = rng.standard_normal(which.shape).astype(dtype)
    np.testing.assert_array_equal(layer.kernel.spread(dy, which, pieces), twin.spread(dy, which, pieces))


def test_channels_that_do_not_fit_are_told():
    with pytest.raises(ShapeError, match="channels in a multiple of 2, not"):
        Maxout().init(np.random.default_rng(0), (3, 8, 8))
