"""From an encoder's activation to the features that a captioner speaks from."""

from typing import ClassVar

import attrs
import numpy as np

from phosphene_core.errors import ShapeError
from phosphene_core.layer import Array, Backward, Grads, Layer, Need, Params, Pass, Shape, no_backward
from phosphene_core.options import option


@attrs.frozen
class Reduce(Layer):
    """An activation to a feature vector: means over the picture where it is a map, then `(a - center) W`; or, with
    `grid`, a map to a map (N, K, h, w), each of its places by itself.

    W (D, K) starts as the identity where K is D, else at random; `joined` puts a PCA basis there.
    """

    width: int = option(512, "width of the feature vector", ge=1)
    grid: bool = option(False, "keep a map's places apart, for a captioner that looks at them")
    buffers: ClassVar[tuple[str, ...]] = ("center",)

    def init(self, rng: np.random.Generator, shape: Shape) -> tuple[dict[str, Array], Shape]:
        w = rng.standard_normal((shape[0], self.width)) / np.sqrt(shape[0])
        w = np.eye(shape[0]) if self.width == shape[0] else w
        if self.grid and len(shape) != 3:
            raise ShapeError(f"places can be kept apart in a map (C, H, W) alone, not in {shape}: name a convolution")
        kept = shape[1:] if self.grid else ()
        return {"center": np.zeros(shape[0], np.float32), "W": w.astype(np.float32)}, (self.width, *kept)

    def forward(self, params: Params, x: Array, run: Pass) -> tuple[Array, Backward]:
        if self.grid:
            return self._each_place(params, x, run)
        area = tuple(range(2, x.ndim))
        a = (x.mean(axis=area) if area else x) - params["center"]
        w = params["W"]

        def backward(dy: Array) -> tuple[Array | None, Grads]:
            grads = {"W": a.T @ dy} if Need.PARAMS in run.need else {}
            if Need.INPUT not in run.need:
                return None, grads
            da = (dy @ w.T).reshape(len(dy), len(w), *(1 for _ in area))
            size = int(np.prod(x.shape[2:]))
            return np.ascontiguousarray(np.broadcast_to(da / size, x.shape), dtype=x.dtype), grads

        return a @ w, backward if run.need else no_backward

    def _each_place(self, params: Params, x: Array, run: Pass) -> tuple[Array, Backward]:
        w, shape = params["W"], x.shape
        a = x.reshape(*shape[:2], shape[2] * shape[3]) - params["center"][:, None]  # (N, D, L)

        def backward(dy: Array) -> tuple[Array | None, Grads]:
            dy = dy.reshape(len(dy), w.shape[1], a.shape[2])
            grads = {"W": np.tensordot(a, dy, ([0, 2], [0, 2]))} if Need.PARAMS in run.need else {}
            return ((w @ dy).reshape(shape) if Need.INPUT in run.need else None), grads

        return (w.T @ a).reshape(len(a), w.shape[1], *shape[2:]), backward if run.need else no_backward
