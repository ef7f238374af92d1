"""What sampling gives: a sentence with its words, their log-probabilities, and their sum."""

import attrs
import numpy as np

from phosphene_captioning.vocabulary import END, Vocabulary
from phosphene_core.layer import Array


@attrs.frozen
class Caption:
    """`tokens` as the model chose them (with <END> where it came), and the log-probability of each; of a captioner that
    attends, where it looked for each: `attention` (T, h, w), which sums to 1 over the places."""

    tokens: tuple[int, ...]
    log_probs: tuple[float, ...]
    attention: Array | None = attrs.field(default=None, eq=False, repr=False)

    @property
    def log_prob(self) -> float:
        """The log-probability of the whole, <END> included."""
        return float(sum(self.log_probs))

    @property
    def finished(self) -> bool:
        return bool(self.tokens) and self.tokens[-1] == END

    def text(self, vocabulary: Vocabulary) -> str:
        return vocabulary.decode(self.tokens)

    def words(self, vocabulary: Vocabulary) -> list[str]:
        return [vocabulary.words[t] for t in self.tokens if t != END]


def captions(tokens: Array, log_probs: Array) -> list[Caption]:
    """A caption from each row of tokens (N, T): everything up to the first <END>."""
    ends = tokens == END
    counts = np.where(ends.any(axis=1), ends.argmax(axis=1) + 1, tokens.shape[1]).tolist() if ends.size else [0] * len(ends)
    rows = zip(tokens.tolist(), log_probs.tolist(), counts, strict=True)
    return [Caption(tuple(t[:n]), tuple(p[:n])) for t, p, n in rows]
