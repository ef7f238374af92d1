"""CIDEr-D: consensus with the references, where a rare word run weighs more. Vedantam, Zitnick and Parikh 2015."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from attrs import frozen

from phosphene_metrics.ngrams import NGram, count_ngrams

ORDERS = 4
SIGMA = 6.0
SCALE = 10.0


@frozen
class DocumentFrequencies:
    """In the references of how many of the `images` each word run occurs."""

    images: int
    counts: Mapping[NGram, int]

    @classmethod
    def of(cls, references: Sequence[Sequence[Sequence[str]]]) -> "DocumentFrequencies":
        """Counted over the references of N images, each a list of sentences, each a list of words."""
        counts: Counter[NGram] = Counter()
        for several in references:
            counts.update({ngram for words in several for ngram in count_ngrams(words, ORDERS)})
        return cls(images=len(references), counts=counts)

    def weight(self, ngram: NGram) -> float:
        """The inverse document frequency: log of images over frequency. A run never seen counts as seen once."""
        return math.log(self.images) - math.log(max(1, self.counts.get(ngram, 0)))


@frozen
class _Sentence:
    """A sentence as CIDEr sees it: for each n the weighted runs of n words, their norms, and its length."""

    weights: tuple[dict[NGram, float], ...]
    norms: tuple[float, ...]
    length: int


def cider_d(
    candidates: Sequence[Sequence[str]],
    references: Sequence[Sequence[Sequence[str]]],
    *,
    frequencies: DocumentFrequencies | None = None,
    sigma: float = SIGMA,
) -> np.ndarray:
    """CIDEr-D of N candidates (each a list of words) against their references, (N,), each in 0..10.

    For n = 1 to 4 the cosine of the tf-idf vectors of n-word runs, with the candidate's entries clipped to the
    reference's and a penalty exp(-(difference in length)² / 2σ²); averaged over n and over the references, times 10.
    `frequencies` are those of the references themselves unless given (those of the training captions, where this is a
    reward). With a single image every run occurs in all images, so its score is 0: CIDEr needs a corpus.
    """
    frequencies = frequencies or DocumentFrequencies.of(references)
    scores = np.zeros(len(candidates))
    for i, (words, several) in enumerate(zip(candidates, references, strict=True)):
        candidate = _weigh(words, frequencies)
        total = sum(_similarity(candidate, _weigh(reference, frequencies), sigma) for reference in several)
        scores[i] = SCALE * total / len(several)
    return scores


def _weigh(words: Sequence[str], frequencies: DocumentFrequencies) -> _Sentence:
    weights: tuple[dict[NGram, float], ...] = tuple({} for _ in range(ORDERS))
    for ngram, count in count_ngrams(words, ORDERS).items():
        weights[len(ngram) - 1][ngram] = count * frequencies.weight(ngram)
    norms = tuple(math.sqrt(sum(w * w for w in order.values())) for order in weights)
    # coco-caption measures length in pairs of words; a sentence of one word is then as long as an empty one.
    return _Sentence(weights, norms, length=max(0, len(words) - 1))


def _similarity(candidate: _Sentence, reference: _Sentence, sigma: float) -> float:
    total = 0.0
    for mine, theirs, norm, other in zip(
        candidate.weights, reference.weights, candidate.norms, reference.norms, strict=True
    ):
        dot = sum(min(weight, theirs[ngram]) * theirs[ngram] for ngram, weight in mine.items() if ngram in theirs)
        if norm and other:  # a vector of zeros (no run, or only runs that stand everywhere) agrees with nothing
            total += dot / (norm * other)
    return total / ORDERS * math.exp(-((candidate.length - reference.length) ** 2) / (2 * sigma**2))
