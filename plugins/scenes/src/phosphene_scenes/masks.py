"""Where in a picture each object is, and each word of its caption."""

import attrs

from phosphene_core.layer import Array
from phosphene_scenes.scene import Scene


@attrs.frozen
class Masks:
    """Boolean masks (H, W) of the pixels that things touch.

    `objects[k]`: the k-th thing that the caption names. `words[i]`: the i-th word of the sentence, from 0 (in the token
    row it is one further, after <START>): a noun's words mean the thing itself, a relation's words both its things. The
    articles mean nothing that can be seen and have no mask.
    """

    objects: Array = attrs.field(repr=False)
    words: dict[int, Array] = attrs.field(repr=False)
    sentence: tuple[str, ...]


def masks_of(scene: Scene, objects: Array) -> Masks:
    """The masks of the caption's words from those of the things (K, H, W)."""
    sentence = scene.sentence
    words: list[str] = []
    found: dict[int, Array] = {}
    for k, noun in enumerate(sentence.nouns):
        if k:
            for word in sentence.relations[k - 1].split():
                found[len(words)] = objects[k - 1] | objects[k]
                words.append(word)
        for i, word in enumerate(str(noun).split()):
            if i:
                found[len(words)] = objects[k]
            words.append(word)
    return Masks(objects, found, tuple(words))
