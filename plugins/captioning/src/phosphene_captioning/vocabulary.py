"""Words and their indexes, in the course's order: <NULL>, <START>, <END>, <UNK>, then the words."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, repeat

import attrs
import numpy as np

from phosphene_core.dataset import Batch
from phosphene_core.errors import FileError
from phosphene_core.layer import Array

SPECIAL = ("<NULL>", "<START>", "<END>", "<UNK>")
NULL, START, END, UNKNOWN = range(4)
_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
_PLAIN = {i: chr(i).lower() if chr(i).isalnum() else " " for i in range(128)}


def words_of(sentence: str) -> list[str]:
    """The words of a sentence as captions are trained on, in any language's letters: lower case, no punctuation."""
    if sentence.isascii() and "'" not in sentence and "-" not in sentence:  # most are so, and then it takes a third of the time
        return sentence.translate(_PLAIN).split()
    return _WORD.findall(unicodedata.normalize("NFC", sentence).lower().replace("\u2019", "'"))


def _tuple(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(words)


@attrs.frozen
class Vocabulary:
    """The words that a captioner knows; `words[i]` is the word with index i, the four special ones first."""

    words: tuple[str, ...] = attrs.field(converter=_tuple)
    index: dict[str, int] = attrs.field(init=False, eq=False, repr=False)

    @words.validator
    def _special_words_come_first(self, _: object, words: tuple[str, ...]) -> None:
        if words[:4] != SPECIAL:
            raise FileError(f"a vocabulary must begin with {', '.join(SPECIAL)}; this one begins {words[:4]!s:.80}")
        if len(set(words)) != len(words):
            twice = next(w for w, n in Counter(words).items() if n > 1)
            raise FileError(f"the vocabulary holds '{twice[:80]}' twice")

    @index.default
    def _indexes(self) -> dict[str, int]:
        return {w: i for i, w in enumerate(self.words)}

    def __len__(self) -> int:
        return len(self.words)

    @classmethod
    def counted(cls, sentences: Iterable[Sequence[str]], least: int = 1, most: int | None = None) -> "Vocabulary":
        """The words that occur at least `least` times, the commonest first (ties by the alphabet), at most `most`."""
        counts = Counter(chain.from_iterable(sentences))
        ranked = sorted((w for w, n in counts.items() if n >= least), key=lambda w: (-counts[w], w))
        return cls((*SPECIAL, *ranked[:most]))

    def encode(self, words: Sequence[str], length: int) -> Array:
        """<START>, the words (unknown ones as <UNK>, cut to fit), <END>, then <NULL> up to `length`: (length,) int32."""
        return self.encode_all([words], length)[0]

    def encode_all(self, sentences: Sequence[Sequence[str]], length: int) -> Array:
        """Many sentences: (M, length) int32."""
        room = length - 2
        known = list(map(self.index.get, chain.from_iterable(words[:room] for words in sentences), repeat(UNKNOWN)))
        last = np.array([min(len(words), room) for words in sentences], np.intp)[:, None]
        rows, place = np.full((len(sentences), length), NULL, np.int32), np.arange(length)
        rows[(place > 0) & (place <= last)] = known
        rows[:, 0] = START
        rows[place == last + 1] = END
        return rows

    def reading(self, words: Sequence[str]) -> Callable[[Batch], Batch]:
        """What turns batches whose `captions` count in another vocabulary, `words`, into batches that count in this one."""
        if tuple(words) == self.words:
            return lambda batch: batch
        own = np.array([self.index.get(w, UNKNOWN) for w in words])
        return lambda batch: {**batch, "captions": own[batch["captions"]]}

    def decode(self, tokens: Iterable[int]) -> str:
        """The sentence: words up to <END>, without <START> and <NULL>."""
        words = []
        for token in tokens:
            if token == END:
                break
            if token not in (NULL, START):
                words.append(self.words[int(token)])
        return " ".join(words)
