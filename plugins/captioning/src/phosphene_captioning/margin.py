"""By how much a captioner's choice of words misses a sentence: what is climbed so that it says just that."""

import numpy as np

from phosphene_captioning.objectives import CaptionLogProb
from phosphene_core.layer import Array
from phosphene_core.objective import Traced

LEAD = 1.0
"""A word that leads all others by so much, in unnormalized scores, is left alone."""


class CaptionMargin(CaptionLogProb):
    """The sum over the words asked about of how far each falls short of leading all other words by `LEAD`, negative: 0
    when greedy decoding is sure to say them (Chen et al. 2018). Unlike the log-probability it spends nothing on words
    that would be said anyway."""

    @classmethod
    def of(cls, asked: CaptionLogProb) -> "CaptionMargin":
        """The same question, asked in this way."""
        return cls(asked.model, asked.tokens, asked.places)

    def __call__(self, trace: Traced) -> tuple[Array, dict[str, Array]]:
        said, targets = self.decoded(trace)
        rows = np.arange(len(targets))
        others = said.scores.copy()
        others[rows, targets] = -np.inf
        best = others.argmax(axis=1)
        lead = said.scores[rows, targets] - others[rows, best]
        short = np.flatnonzero(lead < LEAD)
        seeds = np.zeros_like(said.scores)
        seeds[short, targets[short]] = 1
        seeds[short, best[short]] = -1
        values = np.minimum(lead - LEAD, 0).reshape(-1, len(self.places)).sum(axis=1)
        return values, {"features": said.backward(seeds)[0]}
