"""BLEU: how many of a caption's word runs stand in its references too. Papineni, Roukos, Ward and Zhu 2002."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from attrs import frozen

from phosphene_metrics.ngrams import NGram, count_ngrams

ORDERS = 4
# An order without a match would make the geometric mean zero and an order without any run 0/0. These two floors,
# coco-caption's own, stand in for both; a caption shorter than n words therefore scores about 0.03 at order 4, not 0.
NO_MATCH, NO_RUN = 1e-15, 1e-9


@frozen(eq=False)
class Bleu:
    """BLEU-1 to BLEU-4, each in 0..1.

    `corpus` (4,) pools the counts of all images before it divides, as the paper does; `per_image` (N, 4) scores every
    caption alone, so its mean is *not* the corpus value.
    """

    corpus: np.ndarray
    per_image: np.ndarray


def bleu(candidates: Sequence[Sequence[str]], references: Sequence[Sequence[Sequence[str]]]) -> Bleu:
    """BLEU of N candidates (each a list of words), each against its own one or more references.

    A run of words counts at most as often as in the one reference that has it most often ("clipping"). A candidate
    shorter than its reference is punished by exp(1 - reference / candidate); of several references the one nearest
    in length is meant, the shorter one where two are equally near.
    """
    matched = np.zeros((len(candidates), ORDERS))
    lengths = np.zeros(len(candidates))
    nearest = np.zeros(len(candidates))
    for i, (words, several) in enumerate(zip(candidates, references, strict=True)):
        lengths[i] = len(words)
        nearest[i] = min((len(r) for r in several), key=lambda length: (abs(length - len(words)), length))
        ceiling: Counter[NGram] = Counter()
        for reference in several:
            ceiling |= count_ngrams(reference, ORDERS)
        for ngram, count in (count_ngrams(words, ORDERS) & ceiling).items():
            matched[i, len(ngram) - 1] += count
    runs = np.maximum(0, lengths[:, None] - np.arange(ORDERS))
    corpus = _geometric(matched.sum(0), runs.sum(0), lengths.sum(), nearest.sum())
    return Bleu(corpus=corpus, per_image=_geometric(matched, runs, lengths, nearest))


def _geometric(matched: np.ndarray, runs: np.ndarray, length: np.ndarray, nearest: np.ndarray) -> np.ndarray:
    """The geometric mean of the precisions of orders 1..n, for each n, times the brevity penalty."""
    precision = (matched + NO_MATCH) / (runs + NO_RUN)
    mean = np.cumprod(precision, axis=-1) ** (1 / np.arange(1, ORDERS + 1))
    ratio = (length + NO_MATCH) / (nearest + NO_RUN)
    return mean * np.exp(np.minimum(0, 1 - 1 / ratio))[..., None]
