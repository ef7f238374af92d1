"""What is wanted of a captioner: that it says some words at their places, or that it does not."""

import attrs
import numpy as np

from phosphene_captioning.judging import captions_for
from phosphene_captioning.margin import CaptionMargin
from phosphene_captioning.objectives import CaptionLogProb
from phosphene_core.layer import Array
from phosphene_core.objective import Traced
from phosphene_fooling import Aim

LEAST_WORDS = 16
"""A caption may have so many words, or as many as the sentence that is asked for, before it is cut."""


@attrs.frozen(eq=False)
class WordsAim(Aim):
    """How nearly the captioner says the words that are asked about; where `away` (N,) is set, how improbable they are.
    It is reached when the likeliest words, one after another, are these or no longer are; or, where the sentence is the
    captioner's own, when these are no longer words of its caption, found in the same way."""

    asked: CaptionLogProb
    away: Array

    def select(self, rows: Array) -> "WordsAim":
        return WordsAim(self.asked, self.away[rows])

    def upto(self, model: object) -> str:
        return self.asked.upto(model)

    def __call__(self, trace: Traced) -> tuple[Array, dict[str, Array]]:
        wanted, seeds = CaptionMargin.of(self.asked)(trace)
        if not self.away.any():
            return wanted, seeds
        unwanted, against = CaptionLogProb(self.asked.model, self.asked.tokens, self.asked.places)(trace)
        away = self.away[:, None]
        return np.where(self.away, -unwanted, wanted), {k: np.where(away, -against[k], seeds[k]) for k in seeds}

    def seen(self, trace: Traced) -> Array:
        speaker = self.asked.model.speaker
        length = max(LEAST_WORDS, len(self.asked.tokens) + 1)
        said = captions_for(speaker, trace["features"], self.asked.beam, length)
        return np.array([caption.text(speaker.vocabulary) for caption in said], dtype=str)

    def reached(self, seen: Array) -> Array:
        return np.array([self.says(str(text)) for text in seen], bool) != self.away

    def says(self, caption: str) -> bool:
        """Whether the words that are asked about stand in the caption, each at its place."""
        words = [*caption.split(), "<END>"]
        known, tokens = self.asked.model.vocabulary_words, self.asked.tokens
        return all(p < len(words) and words[p] == known[tokens[p]] for p in self.asked.places)
