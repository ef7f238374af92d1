"""Screening: of rows of scores h w + bias the largest, without most of the float products.

Rounded to whole numbers of 16 bits, h and the words' weights give all scores at once, exactly but for what rounding took; how much
that can be is known, by Cauchy and Schwarz: |h w - h' w'| <= |h - h'| |w| + |h'| |w - w'|. Only words that could be among the
largest are scored again, in float; so no word is lost. Sums of exponentials take the other scores as they are, with what rounding h
took from the mean word's, but for words whose share of the whole is so large that their error would show: they are scored again too.

The compiled kernels do it (kernels/screened.c). `likeliest` says in numpy what they do, and is their specification.
"""

from typing import Any

import attrs
import numpy as np

from phosphene_core.layer import Array
from phosphene_core.threads import threads
from phosphene_rnn.room import room

LONGEST, LARGEST, LARGEST_OF_FOUR = 46200, 16383, 8191
"""Of rows of whole numbers: how long they are at most, so that no product of two leaves 32 bits; and how large a number is, so that no sum of
two leaves 16, or of four: as many are added where rows are long (kernels/whole.h)."""

CARE = 3e-5
"""How much a word's error, by its share of the probability, may be at most where it is not scored again."""

FEW = 128
"""Words; to screen fewer takes longer than their product in float."""


@attrs.frozen
class Rounded:
    """Rows (N, D) as `scales` (N,) times `whole` numbers, and what that takes of their `norms`: `lost`, the length of the rest."""

    whole: Array
    scales: Array
    norms: Array
    lost: Array

    @classmethod
    def of(cls, rows: Array) -> "Rounded":
        rows = np.asarray(rows, np.float64)
        norms, largest = np.linalg.norm(rows, axis=1), np.abs(rows).max(axis=1, initial=0)
        pairs = (rows.shape[1] + 1) // 2
        most = LARGEST_OF_FOUR if pairs >= 256 and pairs % 64 == 0 else LARGEST  # as can_quarter_whole has it
        scales = np.maximum(norms / (LONGEST - np.sqrt(rows.shape[1]) / 2), largest / most)
        scales[norms == 0] = 1
        whole = np.rint(rows / scales[:, None])
        return cls(whole, scales, norms, np.linalg.norm(rows - whole * scales[:, None], axis=1))


def likeliest(h: Array, w: Array, bias: Array, count: int) -> tuple[Array, Array, Array]:
    """Of the scores h w + bias of rows h (N, D), weights w (D, U): the `count` largest, largest first (of equal ones the first word is
    first), with the logarithm of their share of the row's exponentials, (N, count); and which were scored again (N, U)."""
    left, right = Rounded.of(h), Rounded.of(w.T)
    about = left.whole @ right.whole.T * left.scales[:, None] * right.scales + bias
    share_lost = np.max(right.lost[right.norms > 0] / right.norms[right.norms > 0], initial=0)
    reach = (left.lost + share_lost * (left.norms + left.lost))[:, None] * right.norms
    surely = -np.sort(reach - about, axis=1)[:, count - 1 : count]
    shares = np.exp(about - about.max(axis=1, keepdims=True))
    again = (about + reach >= surely) | (shares * reach >= CARE * shares.sum(axis=1, keepdims=True))
    missed = (h - left.whole * left.scales[:, None]) @ w.mean(axis=1)
    scores = np.where(again, h @ w + bias, about + missed[:, None])
    words = np.argsort(-np.where(again, scores, -np.inf), axis=1, kind="stable")[:, :count]
    top = scores.max(axis=1, keepdims=True)
    total = top + np.log(np.exp(scores - top).sum(axis=1, keepdims=True))
    return words, np.take_along_axis(scores, words, axis=1) - total, again


def screen(kernels: Any, w: Array, bias: Array) -> Any | None:
    """Weights w (D, U), float32 in rows, as the compiled kernels screen them; None where they cannot."""
    depth, units = w.shape
    panel = kernels.sizes(False)[1]
    blocks = -(-units // panel)
    if w.dtype != np.float32 or not (bias < np.inf).all():
        return None
    scales, norms = (room((blocks * panel,), np.float32) for _ in range(2))
    panels = room((blocks, -(-depth // 2), panel, 2), np.int16)
    combined = room((blocks // 2 * 5, -(-depth // 2), panel), np.int16)
    padded = (depth // panel + 1) * panel
    mean, sums = np.empty(padded, np.float32), np.empty((-(-blocks // 2), padded), np.float32)
    made = kernels.Screen(panels, combined, scales, norms, room((units, depth), np.float32), mean)
    return made if made.fill(w, np.empty(blocks, np.float32), sums, threads()) else None
