"""The kernels, their numpy twins and float64 agree, for any shape, stride, pad and dilation."""

from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phosphene_conv import Window, conv2d, conv2d_backward_data, conv2d_backward_weights
from phosphene_conv import convolution_twin as twin
from phosphene_conv.engine import kernels, use_twins
from phosphene_core.epilogue import Epilogue
from phosphene_core.errors import PhospheneError
from phosphene_core.threads import use_threads

Array = np.ndarray[Any, np.dtype[Any]]


@st.composite
def cases(draw: st.DrawFn) -> tuple[tuple[int, ...], tuple[int, ...], dict[str, Any], int]:
    """An image's shape, the weights' shape, the window, and a seed."""

    def pairs(low: int, high: int) -> Any:
        return st.tuples(st.integers(low, high), st.integers(low, high))

    size, dilation = draw(pairs(1, 5)), draw(pairs(1, 3))
    pad = draw(pairs(0, 4))
    least = [max(1, d * (k - 1) + 1 - 2 * p) for k, d, p in zip(size, dilation, pad, strict=True)]
    image = [draw(st.integers(low, low + draw(st.sampled_from([3, 12, 40])))) for low in least]
    channels, filters = draw(st.integers(1, 9)), draw(st.sampled_from([1, 2, 3, 7, 12, 13, 31, 33, 40]))
    window = {"stride": draw(pairs(1, 4)), "pad": pad, "dilation": dilation}
    return (draw(st.integers(0, 4)), channels, *image), (filters, channels, *size), window, draw(st.integers(0, 999))


def near(got: Array, wanted: Array, tolerance: float, squares: Array | None = None) -> None:
    """`squares`: the same sums over squares of the factors, whose root is what such sums come to but for cancellation."""
    __tracebackhide__ = True
    assert got.shape == wanted.shape
    scale = max(np.abs(wanted).max(initial=1e-30), np.sqrt(0 if squares is None else squares.max(initial=0)))
    assert np.abs(got - wanted).max(initial=0) <= tolerance * scale


def made(rng: np.random.Generator, shape: tuple[int, ...], layout: str) -> Array:
    """Random numbers in one of the layouts that a caller may bring."""
    if layout == "strided":
        return rng.standard_normal((*shape[:-1], 2 * shape[-1]))[..., ::2]
    if layout == "transposed":
        return rng.standard_normal(shape[::-1]).T
    return rng.standard_normal(shape)


def misaligned(array: Array) -> Array:
    room = np.empty(array.nbytes + 1, np.uint8)[1:]
    view = room.view(array.dtype).reshape(array.shape)
    view[...] = array
    return view


@pytest.mark.parametrize("twins", [False, True], ids=["kernels", "twins"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@settings(max_examples=120)
@given(case=cases(), layout=st.sampled_from(["plain", "strided", "transposed", "misaligned"]))
def test_agrees_with_the_definition_in_float64(twins: bool, dtype: Any, case: Any, layout: str) -> None:
    x_shape, w_shape, how, seed = case
    rng, window = np.random.default_rng(seed), Window.of(**how)
    x, w, b = made(rng, x_shape, layout), made(rng, w_shape, layout), rng.standard_normal(w_shape[0])
    dy = rng.standard_normal((x_shape[0], w_shape[0], *window.output(x_shape, w_shape)))
    given = [a.astype(dtype, order="K") for a in (x, w, b, dy)]
    if layout == "misaligned":
        given = [misaligned(a) for a in given]
    tolerance = 1e-5 if dtype is np.float32 else 1e-12

    def results() -> tuple[Array, ...]:
        x, w, b, dy = given
        y = conv2d(x, w, b, **how)
        return y, conv2d_backward_data(dy, w, x_shape, **how), *conv2d_backward_weights(dy, x, w_shape, **how)

    if twins:
        with use_twins():
            got = results()
    else:
        got = results()

    def wanted(x: Array, w: Array, b: Array, dy: Array) -> tuple[Array, ...]:
        return (twin.forward(x, w, window) + b[:, None, None], twin.backward_data(dy, w, x_shape, window),
                *twin.backward_weights(dy, x, w_shape, window))  # fmt: skip

    for mine, *right in zip(got, wanted(x, w, b, dy), wanted(x * x, w * w, b * b, dy * dy), strict=True):
        assert mine.dtype == dtype
        near(mine, right[0], tolerance, right[1])


@settings(max_examples=60)
@given(
    images=st.integers(1, 3), channels=st.integers(16, 90), filters=st.integers(16, 50),
    side=st.tuples(st.integers(9, 40), st.integers(9, 40)), stride=st.integers(1, 2),
    pad=st.one_of(st.just((1, 1)), st.tuples(st.integers(0, 3), st.integers(0, 3))),
    dtype=st.sampled_from([np.float32, np.float64]), seed=st.integers(0, 99),
)  # fmt: skip
def test_minimal_filtering_agrees(
    images: int, channels: int, filters: int, side: tuple[int, int], stride: int, pad: tuple[int, int], dtype: Any,
    seed: int,
) -> None:  # fmt: skip
    minimal_filtering_agrees((images, channels, *side), filters, stride, pad, dtype, seed)


@pytest.mark.parametrize("stride", [1, 2])
def test_minimal_filtering_of_many_images_each_a_tile(stride: int) -> None:
    side = 4 * stride
    for images, high, wide in ((45, side, side), (70, side - 1, side), (64, 2, side + 1)):
        minimal_filtering_agrees((images, 20, high, wide), 33, stride, (1, 1), np.float32, images)


@pytest.mark.parametrize(
    ("shape", "stride", "pad", "threads"),
    [((2, 64, 17, 48), 1, (1, 1), 1), ((3, 66, 16, 32), 1, (0, 2), 3), ((4, 90, 32, 32), 2, (1, 1), 2), ((4, 90, 29, 47), 2, (2, 1), 8)],
)
def test_minimal_filtering_of_rows_of_tiles(
    shape: tuple[int, ...], stride: int, pad: tuple[int, int], threads: int
) -> None:
    with use_threads(threads):
        minimal_filtering_agrees(shape, shape[1], stride, pad, np.float32, threads)


def minimal_filtering_agrees(
    shape: tuple[int, ...], filters: int, stride: int, pad: tuple[int, int], dtype: Any, seed: int
) -> None:
    all_ways_agree(shape, (filters, shape[1], 3, 3), {"stride": stride, "pad": pad}, dtype, seed, float32_tolerance=1e-4)


def all_ways_agree(
    x_shape: tuple[int, ...], w_shape: tuple[int, ...], how: dict[str, Any], dtype: Any, seed: int,
    float32_tolerance: float = 1e-5,
) -> None:  # fmt: skip
    """Forward, scaled, shifted and rectified, and backward for data, weights and bias, as the twins in float64."""
    rng, window = np.random.default_rng(seed), Window.of(**{k: v for k, v in how.items() if k != "winograd"})
    x, w = rng.standard_normal(x_shape), rng.standard_normal(w_shape)
    scale, b = rng.standard_normal(w_shape[0]), rng.standard_normal(w_shape[0])
    y = np.maximum(twin.forward(x, w, window) * scale[:, None, None] + b[:, None, None], 0)
    dy = rng.standard_normal(y.shape)
    x4, w4, dy4, scale4, b4 = (a.astype(dtype) for a in (x, w, dy, scale, b))
    tolerance = float32_tolerance if dtype is np.float32 else 1e-12
    near(conv2d(x4, w4, b4, scale=scale4, relu=True, **how), y, tolerance)
    near(conv2d_backward_data(dy4, w4, x_shape, **how), twin.backward_data(dy, w, x_shape, window), tolerance)
    wanted = twin.backward_weights(dy, x, w_shape, window)
    squares = twin.backward_weights(dy * dy, x * x, w_shape, window)
    for got, *right in zip(conv2d_backward_weights(dy4, x4, w_shape, **how), wanted, squares, strict=True):
        near(got, right[0], tolerance, right[1])


@settings(max_examples=80)
@given(
    images=st.integers(1, 3), channels=st.integers(18, 70), filters=st.integers(17, 100),
    side=st.tuples(st.integers(1, 9), st.integers(1, 9)), size=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    stride=st.tuples(st.integers(1, 3), st.integers(1, 3)), dilation=st.integers(1, 2),
    dtype=st.sampled_from([np.float32, np.float64]), seed=st.integers(0, 99),
)  # fmt: skip
def test_few_points_and_many_weights(
    images: int, channels: int, filters: int, side: tuple[int, int], size: tuple[int, int], stride: tuple[int, int],
    dilation: int, dtype: Any, seed: int,
) -> None:  # fmt: skip
    how = {"stride": stride, "pad": 4, "dilation": dilation, "winograd": False}
    all_ways_agree((images, channels, *side), (filters, channels, *size), how, dtype, seed)


@settings(max_examples=80)
@given(
    images=st.integers(1, 3), channels=st.integers(1, 4), filters=st.sampled_from([1, 3, 7, 13, 33, 70]),
    side=st.tuples(st.integers(9, 30), st.sampled_from([13, 16, 29, 31, 32, 47, 63, 64, 66, 130])),
    size=st.tuples(st.integers(1, 5), st.integers(1, 5)), stride=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    pad=st.tuples(st.integers(0, 6), st.integers(0, 6)), dilation=st.tuples(st.integers(1, 2), st.integers(1, 2)),
    dtype=st.sampled_from([np.float32, np.float64]), seed=st.integers(0, 99),
)  # fmt: skip
def test_shallow_images(
    images: int, channels: int, filters: int, side: tuple[int, int], size: tuple[int, int], stride: tuple[int, int],
    pad: tuple[int, int], dilation: tuple[int, int], dtype: Any, seed: int,
) -> None:  # fmt: skip
    how = {"stride": stride, "pad": pad, "dilation": dilation}
    all_ways_agree((images, channels, *side), (filters, channels, *size), how, dtype, seed)


CNN = [(3, 64, 64, 5, 2, 2), (64, 32, 64, 3, 1, 1), (64, 32, 128, 3, 2, 1), (128, 16, 128, 3, 1, 1),
       (128, 16, 256, 3, 2, 1), (256, 8, 256, 3, 1, 1), (256, 8, 512, 3, 2, 1), (512, 4, 512, 3, 1, 1),
       (512, 4, 1024, 3, 2, 1)]  # fmt: skip


@pytest.mark.parametrize(("channels", "side", "filters", "size", "stride", "pad"), CNN)
@pytest.mark.parametrize("images", [1, 5])
def test_the_networks_own_convolutions(
    images: int, channels: int, side: int, filters: int, size: int, stride: int, pad: int
) -> None:
    rng, how = np.random.default_rng(0), {"stride": stride, "pad": pad}
    x, w = rng.standard_normal((images, channels, side, side)), rng.standard_normal((filters, channels, size, size))
    y = twin.forward(x, w, Window.of(**how))
    dy = rng.standard_normal(y.shape)
    x4, w4, dy4 = (a.astype(np.float32) for a in (x, w, dy))
    dx = twin.backward_data(dy, w, x.shape, Window.of(**how))
    for winograd, tolerance in ((False, 1e-5), (True, 1e-4)):
        near(conv2d(x4, w4, winograd=winograd, **how), y, tolerance)
        near(conv2d_backward_data(dy4, w4, x.shape, winograd=winograd, **how), dx, tolerance)
        dw, db = conv2d_backward_weights(dy4, x4, w.shape, winograd=winograd, **how)
        near(dw, twin.backward_weights(dy, x, w.shape, Window.of(**how))[0], tolerance)
        near(db, dy.sum((0, 2, 3)), 1e-5)


@pytest.mark.parametrize("twins", [False, True], ids=["kernels", "twins"])
@pytest.mark.parametrize("rule", [None, "gradient", "guided", "deconvnet"])
def test_the_way_back_through_scale_and_relu(twins: bool, rule: str | None) -> None:
    rng = np.random.default_rng(2)
    w, scale = rng.standard_normal((7, 5, 3, 3)), rng.standard_normal(7)
    dy, y = rng.standard_normal((2, 7, 9, 11)), np.maximum(rng.standard_normal((2, 7, 9, 11)), 0)
    y[0, 0, 0] = np.nan  # lets nothing through
    wanted = twin.backward_data(Epilogue(scale, rule=rule).backward(dy, y), w, (2, 5, 9, 11), Window.of(pad=1))
    with use_twins() if twins else nullcontext():
        near(conv2d_backward_data(dy, w, (2, 5, 9, 11), pad=1, scale=scale, y=y, rule=rule), wanted, 1e-12)


def test_scale_shift_and_relu_ride_along() -> None:
    rng = np.random.default_rng(1)
    x, w = rng.standard_normal((2, 5, 9, 11)), rng.standard_normal((7, 5, 3, 3))
    scale, b = rng.standard_normal(7), rng.standard_normal(7)
    wanted = np.maximum(twin.forward(x, w, Window.of()) * scale[:, None, None] + b[:, None, None], 0)
    near(conv2d(x, w, b, scale=scale, relu=True), wanted, 1e-12)
    with use_twins():
        near(conv2d(x, w, b, scale=scale, relu=True), wanted, 1e-12)


def test_more_than_two_to_the_31_numbers(many_zeros: np.ndarray) -> None:
    """The last image's corner is past what 32 bits count."""
    x = many_zeros
    x[32, 0, -3:, -3:] = np.arange(9).reshape(3, 3)
    w = np.arange(1, 10, dtype=np.float32).reshape(1, 1, 3, 3)
    y = conv2d(x, w, stride=8189)
    assert y.shape == (33, 1, 2, 2)
    assert y[32, 0, 1, 1] == (np.arange(9) * np.arange(1, 10)).sum()
    assert np.count_nonzero(y) == 1
    dw = conv2d_backward_weights(np.ones_like(y), x, w.shape, stride=8189)[0]
    np.testing.assert_array_equal(dw.ravel(), np.arange(9))


def test_relu_keeps_nan() -> None:
    x = np.full((1, 1, 3, 3), np.nan, np.float32)
    assert np.isnan(conv2d(x, np.ones((1, 1, 3, 3), np.float32), relu=True)).all()


@pytest.mark.skipif(kernels.compiled is None, reason="no compiled kernels here")
@pytest.mark.parametrize("name", ["base", "v3", "v4"])
def test_every_instruction_set(name: str) -> None:
    assert kernels.compiled is not None
    best = kernels.compiled.instruction_set()
    if not kernels.compiled.use(name):
        pytest.skip(f"this processor or compiler has no {name}")
    try:
        for images, channels, side, filters, stride in (
            (3, 5, 13, 17, 1), (2, 33, 13, 40, 2), (1, 70, 5, 65, 1), (3, 3, 33, 40, 2), (2, 4, 30, 13, 1)
        ):  # fmt: skip
            test_the_networks_own_convolutions(images, channels, side, filters, 3, stride, 1)
    finally:
        kernels.compiled.use(best)


X, W = np.zeros((2, 3, 8, 8), np.float32), np.zeros((4, 3, 3, 3), np.float32)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: conv2d(X[0], W), "4 axes"),
        (lambda: conv2d(X.astype(int), W), "float32 or float64"),
        (lambda: conv2d(X, W.astype(float)), "float32, as the other"),
        (lambda: conv2d(X.astype(">f4"), W), "float32 or float64"),
        (lambda: conv2d(X[:, :, ::-1], W), "negative stride"),
        (lambda: conv2d(X, W[:, :2]), "2 channels, not 3"),
        (lambda: conv2d(X, W, np.zeros(3, np.float32)), "b must have the shape"),
        (lambda: conv2d(X, W[:0]), "must not be empty"),
        (lambda: conv2d(X, W, stride=0), "stride"),
        (lambda: conv2d(X, W, pad=-1), "pad"),
        (lambda: conv2d(X, W, dilation=(1, 5)), "does not fit"),
        (lambda: conv2d_backward_data(X, W, X.shape), "4"),
        (lambda: conv2d_backward_data(X[:, :1], W[:1, :1], (2, 1, 10, 10), rule="gradient"), "needs y"),
        (lambda: conv2d_backward_data(X[:, :1], W[:1, :1], (2, 1, 10, 10), rule="bent"), "must be one of"),
        (lambda: conv2d_backward_data(X[:, :1], W[:1, :1], (2, 1, 10, 10), scale=np.ones(2, "f4")), "scale must have"),
        (lambda: conv2d_backward_weights(X, X, W.shape), "dy must have"),
        (lambda: conv2d(np.broadcast_to(X[:1, :, :1, :1], (1, 3, 2**20, 2**12)), W), "too large"),
        (lambda: conv2d(X, W, stride=2**30), "below"),
        (lambda: conv2d([[1]], W), "numpy array"),  # type: ignore[arg-type]
    ],
)
def test_a_wrong_call_is_one_clear_error(call: Any, words: str) -> None:
    with pytest.raises(PhospheneError, match=words):
        call()
