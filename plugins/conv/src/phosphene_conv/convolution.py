"""Two-dimensional convolution (cross-correlation, as the field means it) and its gradients.

Images are (N, C, H, W), weights (F, C, kh, kw), float32 or float64. Work is done by the compiled kernels or, where
there are none, by their numpy twins; the results agree to rounding.
"""

import numpy as np

from phosphene_conv import convolution_twin as twin
from phosphene_conv.arrays import Array, checked, dense, expect
from phosphene_conv.engine import kernels
from phosphene_conv.window import Pair, Window
from phosphene_core.epilogue import Epilogue
from phosphene_core.errors import ShapeError
from phosphene_core.threads import threads

WAYS = {None: 0, "gradient": 1, "deconvnet": 2, "guided": 3}
"""The rules as the kernels know them: 1 looks at the rectifier's output, 2 at the gradient."""


def conv2d(
    x: Array,
    w: Array,
    b: Array | None = None,
    *,
    stride: int | Pair = 1,
    pad: int | Pair = 0,
    dilation: int | Pair = 1,
    scale: Array | None = None,
    relu: bool = False,
    winograd: bool = True,
) -> Array:
    """y (N, F, OH, OW) = convolution of x (N, C, H, W) with w (F, C, kh, kw), times `scale` (F,), plus `b` (F,).

    `scale`, `b` and `relu` are applied while the output is in cache: a batch normalization with fixed statistics
    folds into the first two. `winograd` lets 3 x 3 convolutions at stride 1 go by minimal filtering where that is
    quicker: four times fewer multiplications, errors of about 1e-5 instead of 1e-6 of the largest output.
    Errors: `ShapeError`, `SettingError`, before any work is done.
    """
    window = Window.of(stride, pad, dilation)
    x, w = checked("x", x, "NCHW"), checked("w", w, "FCHW", x)
    fitting(w.shape, x.shape)
    for name, vector in (("b", b), ("scale", scale)):
        if vector is not None:
            expect(name, checked(name, vector, "F", x), w.shape[:1])
    shape = (len(x), len(w), *window.output(x.shape, w.shape))
    if (compiled := kernels()) is not None:
        y = np.empty(shape, x.dtype)
        scale, b = None if scale is None else dense(scale), None if b is None else dense(b)
        compiled.convolve_forward(dense(x), dense(w), scale, b, y, window, relu, winograd, threads())
        return y
    y = twin.forward(x, w, window)
    if scale is not None:
        y *= scale[:, None, None]
    if b is not None:
        y += b[:, None, None]
    return np.maximum(y, 0, out=y) if relu else y


def conv2d_backward_data(
    dy: Array,
    w: Array,
    x_shape: tuple[int, ...],
    *,
    stride: int | Pair = 1,
    pad: int | Pair = 0,
    dilation: int | Pair = 1,
    scale: Array | None = None,
    y: Array | None = None,
    rule: str | None = None,
    winograd: bool = True,
) -> Array:
    """dx (N, C, H, W), of shape `x_shape`, from dy (N, F, OH, OW) and w (F, C, kh, kw).

    Where `conv2d` was given `scale` (F,) and `relu`, give the scale, its output y (N, F, OH, OW) and a `rule` for the
    way back through the rectifier: see `phosphene_core.epilogue.Epilogue`. `winograd` and errors as in `conv2d`.
    """
    window, epilogue = Window.of(stride, pad, dilation), Epilogue(scale, rule=rule)
    dy, w = checked("dy", dy, "NFHW"), checked("w", w, "FCHW", dy)
    fitting(w.shape, x_shape)
    expect("dy", dy, (x_shape[0], len(w), *window.output(x_shape, w.shape)))
    if scale is not None:
        expect("scale", checked("scale", scale, "F", dy), w.shape[:1])
    if rule is not None:
        expect("y", checked("y", dy if y is None else y, "NFHW", dy), dy.shape)
        if y is None and rule != "deconvnet":
            raise ShapeError(f"the rule '{rule}' needs y, the rectifier's output")
    if (compiled := kernels()) is not None:
        dx = np.empty(x_shape, dy.dtype)
        scale, y = None if scale is None else dense(scale), None if y is None or rule is None else dense(y)
        compiled.convolve_backward_data(dense(dy), dense(w), scale, y, dx, window, WAYS[rule], winograd, threads())
        return dx
    return twin.backward_data(epilogue.backward(dy, dy if y is None else y), w, x_shape, window)


def conv2d_backward_weights(
    dy: Array,
    x: Array,
    w_shape: tuple[int, ...],
    *,
    stride: int | Pair = 1,
    pad: int | Pair = 0,
    dilation: int | Pair = 1,
    winograd: bool = True,
) -> tuple[Array, Array]:
    """(dw (F, C, kh, kw), db (F,)) from dy (N, F, OH, OW) and x (N, C, H, W). `winograd` and errors as in `conv2d`."""
    window = Window.of(stride, pad, dilation)
    dy, x = checked("dy", dy, "NFHW"), checked("x", x, "NCHW", dy)
    fitting(w_shape, x.shape)
    expect("dy", dy, (len(x), w_shape[0], *window.output(x.shape, w_shape)))
    if (compiled := kernels()) is not None:
        dw, db = np.empty(w_shape, x.dtype), np.empty(w_shape[:1], x.dtype)
        compiled.convolve_backward_weights(dense(dy), dense(x), dw, db, window, winograd, threads())
        return dw, db
    return twin.backward_weights(dy, x, w_shape, window)


def fitting(w_shape: tuple[int, ...], x_shape: tuple[int, ...]) -> None:
    """`ShapeError` unless weights of `w_shape` can meet images of `x_shape`."""
    if len(w_shape) != 4 or len(x_shape) != 4:
        raise ShapeError(f"weights must be (F, C, kh, kw) and images (N, C, H, W), not {w_shape} and {x_shape}")
    if w_shape[1] != x_shape[1]:
        raise ShapeError(f"the weights {w_shape} want images of {w_shape[1]} channels, not {x_shape[1]}")
    if min(w_shape) < 1 or min(x_shape[1:]) < 1 or x_shape[0] < 0:
        raise ShapeError(f"weights {w_shape} and images {x_shape} must not be empty (only the batch may)")
    if w_shape[0] >= 2**31:
        raise ShapeError(f"at most 2**31 - 1 filters, not {w_shape[0]}")
