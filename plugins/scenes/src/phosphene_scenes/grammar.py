"""The sentences that can be said of a scene: `a large red circle left of a small blue square`.

    sentence = noun (relation noun)*
    noun     = ("a" | "an") [size] [colour] shape
    relation = "above" | "below" | "left of" | "right of"

Captions always tell size and colour; what is asked of a scene (`is_true`) may leave them out.
"""

import itertools
from collections.abc import Iterator

import attrs
import numpy as np

from phosphene_core.errors import PhospheneError

SPECIAL = ("<NULL>", "<START>", "<END>", "<UNK>")
NULL, START, END, UNKNOWN = range(4)
SIZES = ("large", "small")
RELATIONS = ("above", "below", "left of", "right of")


class GrammarError(PhospheneError):
    """A sentence that the grammar does not know."""


@attrs.frozen
class Noun:
    """`a large red circle`; None for what is left out."""

    shape: str
    colour: str | None = None
    size: str | None = None

    def __str__(self) -> str:
        words = [w for w in (self.size, self.colour, self.shape) if w]
        return f"{'an' if words[0][0] in 'aeiou' else 'a'} {' '.join(words)}"


@attrs.frozen
class Sentence:
    """Nouns, and the relations between each and the next."""

    nouns: tuple[Noun, ...]
    relations: tuple[str, ...] = ()

    def __str__(self) -> str:
        rest = (f" {r} {n}" for r, n in zip(self.relations, self.nouns[1:], strict=True))
        return str(self.nouns[0]) + "".join(rest)


@attrs.frozen
class Grammar:
    """All sentences over some shapes and colours, with up to `objects` nouns."""

    shapes: tuple[str, ...]
    colours: tuple[str, ...]
    objects: int = 2

    @property
    def words(self) -> tuple[str, ...]:
        """The vocabulary: the four special ones (<NULL>, <START>, <END>, <UNK>) and then the words."""
        return (*SPECIAL, "a", *SIZES, *self.colours, *self.shapes, "above", "below", "left", "right", "of")

    @property
    def kinds(self) -> tuple[str, ...]:
        """Every kind of thing there can be, whatever its size: "red circle", "red square", ..."""
        return tuple(f"{colour} {shape}" for colour in self.colours for shape in self.shapes)

    @property
    def length(self) -> int:
        """Tokens of the longest caption, <START> and <END> among them."""
        return 4 * self.objects + 2 * (self.objects - 1) + 2

    def sentences(self) -> Iterator[str]:
        """Every caption that some scene has: things in the order of `scene.order`, no two of one colour and shape."""
        nouns = [Noun(s, c, z) for z in SIZES for c in self.colours for s in self.shapes]
        for count in range(1, self.objects + 1):
            for chosen in itertools.permutations(nouns, count):
                if _ordered(chosen):
                    for relations in itertools.product(*itertools.starmap(_relations, itertools.pairwise(chosen))):
                        yield str(Sentence(chosen, relations))

    def sample(self, rng: np.random.Generator) -> str:
        """One of `sentences()`; how many nouns it has is drawn first."""
        count = int(rng.integers(1, self.objects + 1))
        places = rng.permutation(len(self.shapes) * len(self.colours))[:count]
        small = np.sort(rng.integers(0, 2, count))
        kinds = [(shape, colour) for colour in self.colours for shape in self.shapes]
        nouns = [Noun(kinds[p][0], kinds[p][1], SIZES[s]) for p, s in zip(places, small, strict=True)]
        relations = tuple(str(rng.choice(_relations(a, b))) for a, b in itertools.pairwise(nouns))
        return str(Sentence(tuple(nouns), relations))

    def parse(self, sentence: str) -> Sentence:
        """The sentence's parts. `GrammarError` names the first word that does not fit."""
        left = sentence.lower().rstrip(" .").split()
        nouns, relations = [self._noun(left, sentence)], []
        while left:
            relations.append(_relation(left, sentence))
            nouns.append(self._noun(left, sentence))
        return Sentence(tuple(nouns), tuple(relations))

    def __contains__(self, sentence: object) -> bool:
        try:
            self.parse(str(sentence))
        except GrammarError:
            return False
        return True

    def _noun(self, left: list[str], sentence: str) -> Noun:
        if left and left[0] in ("a", "an"):
            left.pop(0)
        else:
            raise _unfit(left, sentence, "a")
        size = left.pop(0) if left and left[0] in SIZES else None
        colour = left.pop(0) if left and left[0] in self.colours else None
        if left and left[0] in self.shapes:
            return Noun(left.pop(0), colour, size)
        raise _unfit(left, sentence, ", ".join(self.shapes))


def _relation(left: list[str], sentence: str) -> str:
    word = left.pop(0)
    if word in ("left", "right"):
        if not left or left.pop(0) != "of":
            raise GrammarError(f"'{sentence}': 'of' is missing after '{word}'")
        return f"{word} of"
    if word in RELATIONS:
        return word
    raise _unfit([word], sentence, ", ".join(RELATIONS))


def _unfit(left: list[str], sentence: str, wanted: str) -> GrammarError:
    where = f"at '{left[0]}'" if left else "at its end"
    return GrammarError(f"'{sentence}' is no sentence about a scene: {where} it should have one of: {wanted}")


def _ordered(nouns: tuple[Noun, ...]) -> bool:
    kinds = {(n.shape, n.colour) for n in nouns}
    sizes = [SIZES.index(n.size or SIZES[0]) for n in nouns]
    return len(kinds) == len(nouns) and sizes == sorted(sizes)


def _relations(first: Noun, second: Noun) -> tuple[str, ...]:
    """Of two things of one size, the left or upper one is named first."""
    return RELATIONS if first.size != second.size else ("above", "left of")
