"""What BLEU and CIDEr both count: how often each run of one to n words stands in a sentence."""

from collections import Counter
from collections.abc import Sequence

NGram = tuple[str, ...]


def count_ngrams(words: Sequence[str], longest: int = 4) -> Counter[NGram]:
    """The runs of 1 to `longest` words of a sentence, each with how often it occurs.

    A sentence of T words has T - n + 1 runs of n words (none where T < n), so the empty sentence gives an empty count.
    """
    return Counter(
        tuple(words[start : start + n]) for n in range(1, longest + 1) for start in range(len(words) - n + 1)
    )
