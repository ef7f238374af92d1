"""The questions of the assignment, by part."""

from phosphene_assignment.questions import captions, extra, generation, gradients, recurrent, words
from phosphene_assignment.rubric import PARTS, Item

_ALL = (*recurrent.ITEMS, *words.ITEMS, *captions.ITEMS, *gradients.ITEMS, *generation.ITEMS, *extra.ITEMS)
ITEMS: tuple[Item, ...] = tuple(sorted(_ALL, key=lambda item: list(PARTS).index(item.part)))
"""Every item, part by part."""
