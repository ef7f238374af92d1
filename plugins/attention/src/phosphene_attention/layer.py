"""Show, Attend and Tell as a recurrent layer: an LSTM that looks at a grid before every word. Xu et al. 2015."""

from typing import Any

import attrs
import numpy as np

from phosphene_attention import cell
from phosphene_attention.glance import Glance
from phosphene_attention.run import Run
from phosphene_core.errors import ShapeError
from phosphene_core.layer import Array, AttentiveLayer, Backward, Params, Pass, no_backward
from phosphene_core.options import option


@attrs.frozen
class AttentionLSTM(AttentiveLayer):
    """An LSTM that looks at a grid of L places before every step: h (N, H) asks, softmax over the places gives alpha
    (N, L), and what is seen, z = σ(h Wg + bg) Σ alpha grid, is read beside the word: a = x Wx + z Wz + h Wh + b, gates i,
    f, o, g. x (N, T, W), grid (N, L, D), h and c (N, H), Wx (W, 4H), Wz (D, 4H), Wh (H, 4H), b (4H,); the scores of places
    are v · tanh(grid Wk + bk + h Wq), Wk (D, A), Wq (H, A), bk and v (A,). Soft attention of Xu et al. 2015, section 4.2,
    scored as Bahdanau, Cho and Bengio 2015 do.
    """

    hidden: int = option(512, "units of the hidden state", ge=1)
    attention: int = option(128, "width in which states and places are compared", ge=1)
    forget_bias: float = option(0.0, "start value of the forget gate's bias (Jozefowicz 2015 recommend 1)")

    @classmethod
    def example(cls, rng: np.random.Generator) -> tuple["AttentionLSTM", Any]:
        """A small layer with sequences of different length and a grid, for checks of any layer."""
        state = (rng.standard_normal((3, 4)), rng.standard_normal((3, 4)), rng.standard_normal((3, 6, 2)))
        return cls(hidden=4, attention=3), (rng.standard_normal((3, 4, 5)), state, np.array([4, 0, 2]))

    def init(self, rng: np.random.Generator, shape: Any) -> tuple[dict[str, Array], Any]:
        """`shape`: ((T, W), ((H,), (H,), (L, D)), ...). Matrices N(0, 1)/sqrt(fan_in), biases 0."""
        try:
            (steps, width), (*_, (places, depth)), *_ = shape
        except (TypeError, ValueError):
            raise ShapeError(f"attention reads sequences, a state and a grid: ((T, W), (h, c, grid)), not {shape}") from None
        h, a = self.hidden, self.attention

        def matrix(rows: int, columns: int) -> Array:
            return (rng.standard_normal((rows, columns)) / np.sqrt(rows)).astype(np.float32)

        b = np.zeros(4 * h, np.float32)
        b[h : 2 * h] = self.forget_bias
        params = {
            "Wx": matrix(width, 4 * h), "Wz": matrix(depth, 4 * h), "Wh": matrix(h, 4 * h), "b": b,
            "Wk": matrix(depth, a), "bk": np.zeros(a, np.float32), "Wq": matrix(h, a), "v": matrix(a, 1)[:, 0],
            "Wg": matrix(h, 1), "bg": np.zeros(1, np.float32),
        }  # fmt: skip
        return params, ((steps, h), (steps, places))

    def forward(self, params: Params, x: Any, run: Pass) -> tuple[tuple[Array, Array], Backward]:
        """h (N, T, H) and alpha (N, T, L) for (x, (h0, c0, grid)) or (x, (h0, c0, grid), lengths); past a sequence's
        length both are 0 and nothing is computed. Their gradients come in as a pair (dh, dalpha)."""
        sequences, (h0, c0, grid), *rest = x
        self._check(params, sequences, h0, c0, grid)
        n, t = sequences.shape[:2]
        lengths = np.full(n, t) if not rest or rest[0] is None else np.asarray(rest[0])
        if lengths.shape != (n,) or (n and not 0 <= lengths.min() <= lengths.max() <= t):
            raise ShapeError(f"lengths must be {n} numbers from 0 to {t}")
        done = Run(params, sequences, h0, c0, grid, lengths)
        if not run.need:
            return (done.h, done.alpha), no_backward

        def backward(dy: Any) -> tuple[Any, dict[str, Array]]:
            dh, dalpha = dy
            dx, dstate, grads = done.backward(dh, dalpha, run.need)
            return (dx, dstate, *(None for _ in rest)), grads

        return (done.h, done.alpha), backward

    def start(self, h0: Array, grid: Array | None = None) -> tuple[Array, ...]:
        """(h0, c0 = 0, grid (N, L, D)): what `forward` and `step` begin with."""
        if grid is None:
            raise ShapeError("an attentive layer starts from a state and the grid that it looks at")
        return h0, np.zeros_like(h0), grid

    def project(self, params: Params, x: Array) -> Array:
        return np.asarray(x @ params["Wx"] + params["b"])

    def step(self, params: Params, projected: Array, state: tuple[Array, ...]) -> tuple[Array, tuple[Array, ...]]:
        """One step; the state is (h, c, grid)."""
        h, c, grid = state
        glance = Glance.at(params, grid, grid @ params["Wk"] + params["bk"], h)
        h, c, _ = cell.forward(projected + glance.z @ params["Wz"] + h @ params["Wh"], c)
        return h, (h, c, grid)

    def _check(self, params: Params, x: Array, h0: Array, c0: Array, grid: Array) -> None:
        n, h = len(x), self.hidden
        width, depth = len(params["Wx"]), len(params["Wz"])
        if x.ndim != 3 or x.shape[2] != width:
            raise ShapeError(f"x must be (N, T, {width}), not {x.shape}")
        if h0.shape != (n, h) or c0.shape != (n, h):
            raise ShapeError(f"the state must be two arrays ({n}, {h}), not {h0.shape} and {c0.shape}")
        if grid.ndim != 3 or grid.shape[0] != n or grid.shape[2] != depth or not grid.shape[1]:
            raise ShapeError(f"the grid must be ({n}, L, {depth}), not {grid.shape}")
