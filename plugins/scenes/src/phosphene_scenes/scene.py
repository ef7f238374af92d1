"""What is in a picture, and what is true of it."""

import itertools

import attrs

from phosphene_scenes.grammar import SIZES, Noun, Sentence


@attrs.frozen
class Thing:
    """A shape in a picture: its words, and its centre and radius as shares of the picture's side (x right, y down)."""

    shape: str
    colour: str
    size: str
    x: float
    y: float
    radius: float

    def fits(self, noun: Noun) -> bool:
        return self.shape == noun.shape and noun.colour in (None, self.colour) and noun.size in (None, self.size)


@attrs.frozen
class Scene:
    """The things in a picture, in the order in which the caption names them."""

    things: tuple[Thing, ...]

    @property
    def sentence(self) -> Sentence:
        """The caption: every thing, each with its relation to the next."""
        nouns = tuple(Noun(t.shape, t.colour, t.size) for t in self.things)
        return Sentence(nouns, tuple(relation(a, b) for a, b in itertools.pairwise(self.things)))


def relation(first: Thing, second: Thing) -> str:
    """Where the first lies, seen from the second: along the axis on which they are further apart."""
    right, down = first.x - second.x, first.y - second.y
    if abs(right) > abs(down):
        return "right of" if right > 0 else "left of"
    return "below" if down > 0 else "above"


def order(thing: Thing) -> tuple[int, float]:
    """Captions name large things first; of one size, the left one or the upper one first, whichever axis tells them
    apart (x + y is smaller for either)."""
    return SIZES.index(thing.size), thing.x + thing.y


def is_true(sentence: Sentence, scene: Scene) -> bool:
    """Whether there are different things that fit the nouns and stand in these relations."""
    for things in itertools.permutations(scene.things, len(sentence.nouns)):
        told = (relation(a, b) for a, b in itertools.pairwise(things))
        if all(t.fits(n) for t, n in zip(things, sentence.nouns, strict=True)) and tuple(told) == sentence.relations:
            return True
    return False
