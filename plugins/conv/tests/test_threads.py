"""The kernels' threads: the same bits every time, many callers at once, and life after fork()."""

import os
import threading
from typing import Any

import numpy as np
import pytest

from phosphene_conv import conv2d, conv2d_backward_data, conv2d_backward_weights
from phosphene_core.threads import use_threads

Array = np.ndarray[Any, np.dtype[Any]]


def work(seed: int = 0, images: int = 6) -> list[Array]:
    rng = np.random.default_rng(seed)
    x, w = rng.standard_normal((images, 24, 19, 23), np.float32), rng.standard_normal((40, 24, 3, 3), np.float32)
    y = conv2d(x, w, pad=1)
    y2 = conv2d(x, w, pad=1, stride=2)
    photo, v = rng.standard_normal((images, 3, 33, 60), np.float32), rng.standard_normal((40, 3, 5, 5), np.float32)
    y3 = conv2d(photo, v, pad=2, stride=2)
    return [y, y2, y3, conv2d_backward_data(y3, v, photo.shape, pad=2, stride=2),
            *conv2d_backward_weights(y3, photo, v.shape, pad=2, stride=2), conv2d_backward_data(y, w, x.shape, pad=1), *conv2d_backward_weights(y, x, w.shape, pad=1),
            conv2d_backward_data(y2, w, x.shape, pad=1, stride=2)]  # fmt: skip


def same(left: list[Array], right: list[Array]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(left, right, strict=True))


@pytest.mark.parametrize("count", [1, 2, 3, 7])
@pytest.mark.parametrize("images", [1, 6])
def test_the_same_bits_at_the_same_number_of_threads(count: int, images: int) -> None:
    with use_threads(count):
        first = work(images=images)
        assert all(same(first, work(images=images)) for _ in range(10))


def test_other_numbers_of_threads_agree() -> None:
    with use_threads(1):
        first = work()
    for count in (2, 5, 40):
        with use_threads(count):
            for a, b in zip(first, work(), strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-3)


def test_many_callers_at_once() -> None:
    with use_threads(2):
        right = [work(seed) for seed in range(4)]
    wrong: list[int] = []

    def call(seed: int) -> None:
        with use_threads(2):
            for _ in range(15):
                if not same(work(seed), right[seed]):
                    wrong.append(seed)

    callers = [threading.Thread(target=call, args=(seed,)) for seed in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert not wrong


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_works_on() -> None:
    with use_threads(2):
        right = work()
        child = os.fork()
        if child == 0:
            os._exit(0 if same(right, work()) else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert same(right, work())
