"""One glance at the grid: which places a state looks at, and what it sees there."""

import attrs
import numpy as np

from phosphene_core.layer import Array, Params


@attrs.frozen(eq=False)
class Glance:
    """`alpha = softmax(v · tanh(keys + h Wq))` over the places, `z = gate · Σ alpha grid` with the scalar
    `gate = σ(h Wg + bg)`: equations 4, 8, 9 and section 4.2.1 of Xu et al. 2015, with Bahdanau's scoring.

    For N states and L places: `grid` (N, L, D), `alpha` (N, L), `seen` = Σ alpha grid (N, D), `gate` (N, 1),
    `squashed` = tanh(keys + h Wq) (N, L, A).
    """

    grid: Array
    squashed: Array
    alpha: Array
    seen: Array
    gate: Array

    @classmethod
    def at(cls, params: Params, grid: Array, keys: Array, h: Array) -> "Glance":
        squashed = np.tanh(keys + (h @ params["Wq"])[:, None])
        scores = squashed @ params["v"]
        scores -= scores.max(axis=1, keepdims=True)
        alpha = np.exp(scores)
        alpha /= alpha.sum(axis=1, keepdims=True)
        return cls(grid, squashed, alpha, (alpha[:, None] @ grid)[:, 0], sigmoid(h @ params["Wg"] + params["bg"]))

    @property
    def z(self) -> Array:
        return self.gate * self.seen

    def backward(self, params: Params, dz: Array, dalpha: Array) -> tuple[Array, Array, Array, Array, Array]:
        """From the gradients of `z` (N, D) and `alpha` (N, L): those of `seen`, of the gate before its σ (N, 1), of the
        query `h Wq` (N, A), of the keys (N, L, A), and of `v`. The grid's own is Σ over glances of alpha ⊗ dseen."""
        dseen = dz * self.gate
        dgate = (dz * self.seen).sum(axis=1, keepdims=True) * self.gate * (1 - self.gate)
        dalpha = dalpha + (self.grid @ dseen[:, :, None])[:, :, 0]
        dscores = self.alpha * (dalpha - (dalpha * self.alpha).sum(axis=1, keepdims=True))
        dkeys = dscores[:, :, None] * params["v"] * (1 - self.squashed * self.squashed)
        width = self.squashed.shape[2]
        dv = dscores.ravel() @ self.squashed.reshape(-1, width)
        return dseen, dgate, dkeys.sum(axis=1), dkeys, dv


def sigmoid(x: Array) -> Array:
    """1 / (1 + e^-x), without overflow."""
    return np.asarray((np.tanh(x / 2) + 1) / 2)
