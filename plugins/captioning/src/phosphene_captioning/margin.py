"""By how much a captioner's choice of words misses a sentence: what is climbed so that it says just that."""

import attrs
import numpy as np

from phosphene_captioning.objectives import CaptionLogProb
from phosphene_core.layer import Array
from phosphene_core.objective import Traced

ENOUGH = 1.0
"""A word whose log-odds against all other words are as high as this will be said."""


@attrs.frozen
class CaptionMargin(CaptionLogProb):
    """Minus half the sum, over the words asked about, of the squares of how far each one's log-odds against all other words fall
    short of `enough`, at which it is left alone: 0 when greedy decoding is sure to say them (after Chen et al. 2018). Unlike the log-probability it spends
    nothing on words that would be said anyway, and most on the one that is furthest from being said."""

    enough: float = ENOUGH

    @classmethod
    def of(cls, asked: CaptionLogProb, enough: float = ENOUGH) -> "CaptionMargin":
        """The same question, asked in this way."""
        return cls(asked.model, asked.tokens, asked.places, asked.beam, enough)

    def __call__(self, trace: Traced) -> tuple[Array, dict[str, Array]]:
        said, targets = self.decoded(trace)
        rows = np.arange(len(targets))
        others = said.scores.copy()
        others[rows, targets] = -np.inf
        highest = others.max(axis=1)
        weights = np.exp(others - highest[:, None])
        total = weights.sum(axis=1)
        short = np.maximum(self.enough - (said.scores[rows, targets] - highest - np.log(total)), 0)
        seeds = -weights * (short / total)[:, None]
        seeds[rows, targets] = short
        values = -0.5 * np.square(short).reshape(-1, len(self.places)).sum(axis=1)
        dfeatures, _ = said.backward(seeds)
        assert dfeatures is not None
        return values, {"features": dfeatures}
