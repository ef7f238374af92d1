"""ROUGE-L: the longest common subsequence of a caption and a reference. Lin 2004."""

from collections.abc import Sequence

import numpy as np

BETA = 1.2  # how much more recall counts than precision; coco-caption's choice


def rouge_l(
    candidates: Sequence[Sequence[str]], references: Sequence[Sequence[Sequence[str]]], *, beta: float = BETA
) -> np.ndarray:
    """ROUGE-L of N candidates (each a list of words) against their references, (N,), each in 0..1.

    With L the length of the longest common subsequence, precision is L / candidate length and recall L / reference
    length. As coco-caption does, and unlike the paper, the best precision and the best recall are sought among the
    references separately, so they may come from two of them. A candidate without a word scores 0.
    """
    scores = np.zeros(len(candidates))
    for i, (words, several) in enumerate(zip(candidates, references, strict=True)):
        common = [common_subsequence(words, reference) for reference in several]
        if any(common):
            precision = max(common) / len(words)
            recall = max(c / len(reference) for c, reference in zip(common, several, strict=True) if c)
            scores[i] = (1 + beta**2) * precision * recall / (recall + beta**2 * precision)
    return scores


def common_subsequence(first: Sequence[str], second: Sequence[str]) -> int:
    """The length of the longest common subsequence of two lists of words.

    The usual table has one row per word of `second`, each entry equal to its left neighbour or one more. So a row is
    kept as the bits of one integer (bit i is 0 where entry i is one more), and one addition computes the next row: the
    carry runs to the place where the step moves. Hyyrö 2004, "Bit-parallel LCS-length computation revisited".
    """
    places: dict[str, int] = {}
    for i, word in enumerate(first):
        places[word] = places.get(word, 0) | 1 << i
    every = (1 << len(first)) - 1
    row = every
    for word in second:
        here = row & places.get(word, 0)
        row = ((row + here) | (row - here)) & every
    return len(first) - row.bit_count()
