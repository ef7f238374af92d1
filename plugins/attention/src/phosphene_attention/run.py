"""One run over whole sequences, and the way back: what does not depend on the step before is one big product."""

from typing import Any

import numpy as np

from phosphene_attention import cell
from phosphene_attention.glance import Glance
from phosphene_core.layer import Array, Grads, Need, Params


class Run:
    """Sequences in order of their length, longest first, so that those still going are always the first rows."""

    def __init__(self, params: Params, x: Array, h0: Array, c0: Array, grid: Array, lengths: Array) -> None:
        self.params = params
        n, steps = x.shape[:2]
        self.order = np.argsort(-lengths, kind="stable")
        self.going = [int((lengths > t).sum()) for t in range(steps)]
        there = (np.arange(steps) < lengths[:, None])[:, :, None]
        self.x = np.where(there, x, 0)[self.order]
        self.grid = grid[self.order]
        self.keys = self.grid @ params["Wk"] + params["bk"]
        projected = self.x @ params["Wx"] + params["b"]
        h, c = h0[self.order], c0[self.order]
        self.before: list[tuple[Array, Array]] = []
        self.glances: list[Glance] = []
        self.after: list[tuple[Array, Array]] = []
        hs = np.zeros((n, steps, h.shape[1]), projected.dtype)
        alphas = np.zeros((n, steps, grid.shape[1]), projected.dtype)
        for t, k in enumerate(self.going):
            h, c = h[:k], c[:k]
            glance = Glance.at(params, self.grid[:k], self.keys[:k], h)
            self.before.append((h, c))
            self.glances.append(glance)
            h, c, gates = cell.forward(projected[:k, t] + glance.z @ params["Wz"] + h @ params["Wh"], c)
            self.after.append((c, gates))
            hs[:k, t], alphas[:k, t] = h, glance.alpha
        self.back = np.argsort(self.order)
        self.h, self.alpha = hs[self.back], alphas[self.back]

    def backward(self, dh: Array, dalpha: Array, need: Need) -> tuple[Any, Any, Grads]:
        p, n = self.params, len(self.x)
        dh, dalpha = dh[self.order], dalpha[self.order]
        hidden = self.h.shape[2]
        dtype = self.h.dtype
        da_all = np.zeros((n, len(self.going), 4 * hidden), dtype)
        dkeys = np.zeros_like(self.keys)
        dgrid = np.zeros_like(self.grid)
        dh_next, dc = np.zeros((n, hidden), dtype), np.zeros((n, hidden), dtype)
        grads: Grads = {k: np.zeros_like(v) for k, v in p.items()}
        for t in reversed(range(len(self.going))):
            k, glance, (h_before, c_before) = self.going[t], self.glances[t], self.before[t]
            c, gates = self.after[t]
            da, dc[:k] = cell.backward(dh[:k, t] + dh_next[:k], dc[:k], gates, c, c_before)
            da_all[:k, t] = da
            dseen, dgate, dquery, dk, dv = glance.backward(p, da @ p["Wz"].T, dalpha[:k, t])
            dkeys[:k] += dk
            dgrid[:k] += glance.alpha[:, :, None] * dseen[:, None]
            dh_next[:k] = da @ p["Wh"].T + dquery @ p["Wq"].T + dgate @ p["Wg"].T
            if Need.PARAMS in need:
                grads["v"] += dv
                grads["Wz"] += glance.z.T @ da
                grads["Wh"] += h_before.T @ da
                grads["Wq"] += h_before.T @ dquery
                grads["Wg"] += h_before.T @ dgate
                grads["bg"] += dgate.sum(axis=0)
        dgrid += dkeys @ p["Wk"].T
        flat = da_all.reshape(-1, 4 * hidden)
        if Need.PARAMS in need:
            grads["Wx"][...] = self.x.reshape(-1, self.x.shape[2]).T @ flat
            grads["b"][...] = flat.sum(axis=0)
            grads["Wk"][...] = self.grid.reshape(-1, self.grid.shape[2]).T @ dkeys.reshape(-1, dkeys.shape[2])
            grads["bk"][...] = dkeys.sum(axis=(0, 1))
        if Need.INPUT not in need:
            return None, None, grads
        dx = (flat @ p["Wx"].T).reshape(self.x.shape)
        return dx[self.back], (dh_next[self.back], dc[self.back], dgrid[self.back]), grads
