"""Questions about scenes, where the truth is known: the pixels of each thing, and the picture without it."""

from collections.abc import Callable, Iterator
from typing import Any

import attrs
import numpy as np

from phosphene_core.errors import PhospheneError, unknown
from phosphene_core.layer import Array
from phosphene_core.model import ImageModel
from phosphene_core.objective import Objective
from phosphene_faithfulness.of_pictures import BATCH
from phosphene_faithfulness.questions import Questions
from phosphene_objectives import ClassScore
from phosphene_scenes import Scenes

AtWord = Callable[[str, int, str], Objective]
"""Makes the question about the word at a place of a sentence: about its "score", or its "log_prob"."""


def of_scenes(model: ImageModel, scenes: Scenes, split: str, count: int, at_word: AtWord) -> list[Questions]:
    """Questions about things in scenes that hold others besides: a classifier is asked about the thing's class, a
    captioner about the words of its colour and its shape in the true caption.

    What the model itself does not find is left out: a map can only point at what was seen. The cover is the scene with
    nothing in it.
    """
    found: list[Questions] = []
    for row in range(scenes.size(split)):
        if len(found) < count and (len(scenes.scene(split, row).things) > 1 or scenes.objects == 1):
            found += (
                _words(model, scenes, split, row, at_word) if _speaks(model) else _things(model, scenes, split, row)
            )
    if not found:
        raise PhospheneError("the model finds none of the things in these scenes: there is nothing to ask about them")
    found = found[:count]
    return found if _speaks(model) else [_joined(found[i : i + BATCH]) for i in range(0, len(found), BATCH)]


def _speaks(model: Any) -> bool:
    return bool(getattr(model, "vocabulary_words", ()))


def _things(model: ImageModel, scenes: Scenes, split: str, row: int) -> Iterator[Questions]:
    """A question about each thing of one scene whose class is among the model's likeliest."""
    images, covers = _pictures(model, scenes, split, row)
    things, masks = scenes.scene(split, row).things, scenes.masks(split, row).objects
    likeliest = np.argsort(-model.predict(images)[0], kind="stable")[: len(things)]
    for thing, mask in zip(things, masks, strict=True):
        name = f"{thing.colour} {thing.shape}"
        if name not in model.class_names:
            raise PhospheneError(
                f"{unknown('class', name, model.class_names)}; on scenes take a model that knows them, such as "
                "scene_classifier, or name photographs with --on"
            )
        target = np.array([model.class_names.index(name)])
        if target[0] in likeliest:
            objective = ClassScore(tuple(map(int, target))).bound(model, images)
            yield Questions(model, images, objective, covers, (name,), mask[None], target)


def _words(model: ImageModel, scenes: Scenes, split: str, row: int, at_word: AtWord) -> Iterator[Questions]:
    """A question about each word of a colour or a shape that the model would say."""
    images, covers = _pictures(model, scenes, split, row)
    masks = scenes.masks(split, row)
    for place, word in enumerate(masks.sentence):
        if word in scenes.colours or word in scenes.shapes:
            sentence = " ".join(masks.sentence)
            objective, answer = (at_word(sentence, place, m).bound(model, images) for m in ("score", "log_prob"))
            asked = Questions(model, images, objective, covers, (word,), masks.words[place][None], answer=answer)
            if asked.probability(images, np.zeros(1, np.intp))[0] > 0.5:
                yield asked


def _pictures(model: ImageModel, scenes: Scenes, split: str, row: int) -> tuple[Array, Array]:
    """A scene and its background as the model's input; its own size must be the scenes'."""
    _, height, width = model.input_shape
    if (height, width) != (scenes.side, scenes.side):
        raise PhospheneError(
            f"the model looks at {height}×{width} pixels; make scenes of that side (scenes:side={height})"
        )
    shift = scenes.mean - model.mean_for(height, width)
    rows = np.array([row])
    return scenes.batch(split, rows)["images"] + shift, scenes.backgrounds(split, rows) + shift


def _joined(some: list[Questions]) -> Questions:
    """Questions about classes, one picture each, as one batch."""
    first = some[0]
    images = np.concatenate([q.images for q in some])
    target = np.concatenate([q.target for q in some])  # type: ignore[misc]
    return attrs.evolve(
        first, images=images, objective=ClassScore(tuple(map(int, target))).bound(first.model, images),
        covers=np.concatenate([q.covers for q in some]), words=tuple(w for q in some for w in q.words),
        masks=np.concatenate([q.masks for q in some]), target=target,  # type: ignore[misc]
    )  # fmt: skip
