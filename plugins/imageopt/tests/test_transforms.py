"""Transforms move pictures, and their way back is the exact adjoint: <A x, y> = <x, A' y>."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phosphene_imageopt import Affine, Jitter

transforms = st.one_of(
    st.builds(Jitter, st.integers(0, 20)),
    st.builds(
        Affine,
        scale=st.tuples(st.floats(0.3, 1), st.floats(1, 3)),
        degrees=st.floats(0, 180),
        shift=st.floats(0, 30),
    ),
)


@settings(max_examples=60)
@given(transforms, st.integers(1, 3), st.integers(1, 9), st.integers(1, 9), st.integers(0, 99))
def test_the_way_back_is_the_adjoint(transform, count, height, width, seed):
    rng = np.random.default_rng(seed)
    x, y = rng.standard_normal((2, count, 3, height, width))
    moved, back = transform(x, rng)
    assert moved.shape == x.shape
    assert np.vdot(moved, y) == pytest.approx(np.vdot(x, back(y)), abs=1e-9)


@pytest.mark.parametrize("transform", [Jitter(5), Affine((0.8, 1.3), 20, 4)])
def test_a_flat_picture_stays_flat_and_float32_stays_float32(transform):
    x = np.full((2, 3, 9, 12), 7, np.float32)
    moved, back = transform(x, np.random.default_rng(0))
    assert moved == pytest.approx(x, abs=1e-5)
    assert moved.dtype == back(moved).dtype == np.float32


def test_an_affine_transform_that_may_do_nothing_does_nothing():
    x = np.random.default_rng(0).standard_normal((1, 3, 8, 11))
    assert Affine()(x, np.random.default_rng(1))[0] == pytest.approx(x)


def test_enlarging_spreads_the_middle_and_turning_turns():
    x = np.zeros((1, 3, 21, 21))
    x[..., 10, 13] = 1  # right of the centre
    enlarged, _ = Affine(scale=(2.0, 2.0))(x, np.random.default_rng(0))
    assert np.unravel_index(enlarged[0, 0].argmax(), (21, 21)) == (10, 16)
    assert enlarged.sum() == pytest.approx(4 * x.sum(), rel=0.3)

    class Quarter:
        def uniform(self, low, high, size=None):
            return np.zeros(size) if size else high

    turned, _ = Affine(degrees=90)(x, Quarter())
    assert {tuple(int(v) for v in np.unravel_index(turned[0, 0].argmax(), (21, 21)))} <= {(7, 10), (13, 10)}


def test_the_same_seed_moves_alike_and_the_whole_batch_moves_alike():
    x = np.random.default_rng(0).standard_normal((1, 3, 8, 8)).repeat(2, axis=0)
    one, two = (Affine((0.9, 1.1), 10, 2)(x, np.random.default_rng(3))[0] for _ in range(2))
    assert np.array_equal(one, two)
    assert np.array_equal(one[0], one[1])
