"""A captioner's decoder over given words: features to scores of the words that follow, and the way back."""

from typing import TYPE_CHECKING

import numpy as np

from phosphene_core.layer import Array, Grads, Need, Params, Pass, inner, outer
from phosphene_rnn import CellLayer, Packed, weight_gradient
from phosphene_rnn.room import room

if TYPE_CHECKING:
    from phosphene_captioning.captioner import Captioner


class Decoded:
    """One run of a captioner's decoder over given words, with the way back to its features and parameters."""

    def __init__(
        self, model: "Captioner", params: Params, features: Array, words: Array, asked: Array, run: Pass
    ) -> None:
        self.model, self.params, self.run, self.words, self.asked = model, params, run, words, asked
        self.lengths = np.where(asked.any(axis=1), asked.shape[1] - asked[:, ::-1].argmax(axis=1), 0)
        self.drops = [self._drop(features.shape), None]
        self.features = features if self.drops[0] is None else features * self.drops[0]
        self.vectors = pooled(self.features)
        h0 = projected(params, self.vectors)
        start = model.state_of(self.features, h0) if model.fill_state or model.attends else h0
        h, self.recurrent_backward = model.recurrent.forward_words(
            inner(params, "recurrent"),
            (params["W_embed"], words, start, self.lengths),
            run.within("recurrent", _lower(run.need)),
        )
        self.alpha: Array | None = None
        if model.attends:
            h, self.alpha = h
        self.shape = h.shape
        self.places = np.flatnonzero(asked)
        self.h = h.reshape(asked.size, h.shape[2])
        self.drops[1] = self._drop((len(self.places), h.shape[2]))
        if self.drops[1] is not None:
            self.h = self.h.copy()  # the recurrent layer goes back over its own
            self.h[self.places] *= self.drops[1]
        w = Packed.of(params["W_vocab"], strassen=self.strassen, rows=len(self.places))
        self.scores = w.times(self.h, params["b_vocab"], self.places)

    @property
    def strassen(self) -> bool:
        """Whether products may be quicker at the price of rounding, as the recurrent layer says."""
        return bool(getattr(self.model.recurrent, "strassen", True))

    def _drop(self, shape: tuple[int, ...]) -> Array | None:
        rate, rng = self.model.dropout, self.run.rng
        if not (self.run.train and rate and rng is not None):
            return None
        return ((rng.random(shape, np.float32) >= rate) / np.float32(1 - rate)).astype(self.params["W_proj"].dtype)

    def passed_over(self) -> tuple[float, Array]:
        """Xu et al. 2015, equation 14: λ Σ over places of (1 - Σ over steps of alpha)², a mean over the batch; and its
        gradient by alpha (N, T, L)."""
        assert self.alpha is not None
        short = 1 - self.alpha.sum(axis=1, keepdims=True)
        weight = self.model.doubly_stochastic / max(1, len(short))
        return weight * float(np.vdot(short, short)), np.broadcast_to(-2 * weight * short, self.alpha.shape)

    def backward(self, dscores: Array, dalpha: Array | None = None) -> tuple[Array | None, Grads]:
        """dscores (M, V), and dalpha (N, T, L) if there is one, back to the features (None if nobody asked for that) and the
        parameters."""
        p, grads = self.params, {}
        if wants := Need.PARAMS in self.run.need:
            grads["W_vocab"], grads["b_vocab"] = weight_gradient(self.h, dscores, self.places, self.strassen)
        # a layer of cells does not look at steps that are not there
        full = int(self.lengths.sum()) if isinstance(self.model.recurrent, CellLayer) else self.asked.size
        dh = room(self.shape, dscores.dtype)
        if len(self.places) != full:
            dh[...] = 0
        flat = dh.reshape(self.h.shape)
        turned = Packed.of(p["W_vocab"], turned=True, strassen=self.strassen, rows=len(self.places))
        turned.times(dscores, out=flat, out_rows=self.places)
        if self.drops[1] is not None:
            flat[self.places] *= self.drops[1]
        if self.alpha is None:
            (dtable, _, dstart, _), recurrent = self.recurrent_backward(dh)
            dgrid = None
        else:
            dalpha = np.zeros_like(self.alpha) if dalpha is None else dalpha.astype(dh.dtype)
            (dtable, _, (*dstart, dgrid), _), recurrent = self.recurrent_backward((dh, dalpha))
        dh0: Array = dstart if isinstance(dstart, np.ndarray) else sum(dstart) if self.model.fill_state else dstart[0]
        if wants:
            grads |= outer("recurrent", recurrent)
            grads["W_embed"] = dtable
            grads["W_proj"], grads["b_proj"] = weight_gradient(self.vectors, dh0, strassen=self.strassen)
        if Need.INPUT not in self.run.need:
            return None, grads
        dfeatures = dh0 @ p["W_proj"].T
        if dgrid is not None:
            dfeatures = (dgrid + dfeatures[:, None] / dgrid.shape[1]).transpose(0, 2, 1).reshape(self.features.shape)
        return dfeatures if self.drops[0] is None else dfeatures * self.drops[0], grads


def pooled(features: Array) -> Array:
    """Feature vectors (N, D): the mean over the places of maps (N, D, h, w)."""
    return features.mean(axis=(2, 3)) if features.ndim == 4 else features


def projected(params: Params, vectors: Array) -> Array:
    """h0 (N, H) of feature vectors (N, D)."""
    return Packed.of(params["W_proj"], strassen=False, rows=len(vectors)).times(vectors, params["b_proj"])


def _lower(need: Need) -> Need:
    """What the recurrent layer must give so that the embedding and the projection get their gradients."""
    return need | Need.INPUT if need else need
