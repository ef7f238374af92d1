"""A recurrent layer in plain numpy, one step after the other: for captioners that are tried without a plugin."""

from typing import Any

import attrs
import numpy as np

from phosphene_core.layer import Array, Backward, Grads, Params, Pass, RecurrentLayer
from phosphene_core.options import option


@attrs.frozen
class TinyRecurrent(RecurrentLayer):
    """h' = tanh(x Wx + h Wh + b): the slow, obvious way."""

    hidden: int = option(6, "units", ge=1)

    @classmethod
    def example(cls, rng: np.random.Generator) -> Any:
        return cls(4), (rng.standard_normal((3, 5, 2)), rng.standard_normal((3, 4)), np.array([5, 2, 0]))

    def init(self, rng: np.random.Generator, shape: Any) -> tuple[dict[str, Array], Any]:
        steps, size = shape[0]
        params = {"Wx": rng.standard_normal((size, self.hidden)) / 2,
                  "Wh": rng.standard_normal((self.hidden, self.hidden)) / 2, "b": np.zeros(self.hidden)}  # fmt: skip
        return {k: v.astype(np.float32) for k, v in params.items()}, (steps, self.hidden)

    def start(self, h0: Array) -> tuple[Array, ...]:
        return (h0,)

    def project(self, params: Params, x: Array) -> Array:
        return np.asarray(x @ params["Wx"] + params["b"])

    def step(self, params: Params, projected: Array, state: tuple[Array, ...]) -> tuple[Array, tuple[Array, ...]]:
        h = np.tanh(projected + state[0] @ params["Wh"])
        return h, (h,)

    def forward(self, params: Params, x: Any, run: Pass) -> tuple[Array, Backward]:
        x, h0, *rest = x
        there = np.arange(x.shape[1]) < (rest[0] if rest else np.full(len(x), x.shape[1]))[:, None]
        hs: list[Array] = []
        h = h0
        for t in range(x.shape[1]):
            h = np.where(there[:, t, None], np.tanh(x[:, t] @ params["Wx"] + h @ params["Wh"] + params["b"]), 0)
            hs.append(h.astype(x.dtype))

        def backward(dh: Array) -> tuple[Any, Grads]:
            dx, dnext = np.zeros_like(x), np.zeros_like(h0)
            grads = {k: np.zeros_like(v) for k, v in params.items()}
            for t in reversed(range(x.shape[1])):
                before = hs[t - 1] if t else h0
                da = np.where(there[:, t, None], (dh[:, t] + dnext) * (1 - hs[t] ** 2), 0)
                grads["Wx"] += x[:, t].T @ da
                grads["Wh"] += before.T @ da
                grads["b"] += da.sum(axis=0)
                dx[:, t], dnext = da @ params["Wx"].T, da @ params["Wh"].T
            return ((dx, dnext, None) if rest else (dx, dnext)), grads

        return np.stack(hs, axis=1) if hs else np.zeros((*x.shape[:2], self.hidden), x.dtype), backward
