"""Where a captioner that attends has looked for each word of its captions."""

from collections.abc import Sequence

import attrs
import numpy as np

from phosphene_captioning.caption import Caption
from phosphene_captioning.captioner import Captioner
from phosphene_captioning.vocabulary import NULL, START
from phosphene_core.layer import Array, Need, Pass


def with_attention(model: Captioner, features: Array, captions: Sequence[Sequence[Caption]]) -> list[list[Caption]]:
    """The captions of each row of features (N, D, h, w), with `Caption.attention`; as they are if the model does not
    attend. One run over all of them: the same glances as while they were made."""
    if not model.attends or not any(captions):
        return [list(c) for c in captions]
    rows = np.repeat(np.arange(len(captions)), [len(c) for c in captions])
    flat = [c for several in captions for c in several]
    words = np.full((len(flat), max(len(c.tokens) for c in flat)), NULL)
    asked = np.zeros(words.shape, bool)
    for i, c in enumerate(flat):
        words[i, : len(c.tokens)] = (START, *c.tokens[:-1])
        asked[i, : len(c.tokens)] = True
    alpha = model.decode(features[rows], words, asked, Pass(need=Need.NOTHING)).alpha
    assert alpha is not None
    maps = alpha.reshape(*alpha.shape[:2], *features.shape[2:])
    told = iter(attrs.evolve(c, attention=a[: len(c.tokens)]) for c, a in zip(flat, maps, strict=True))
    return [[next(told) for _ in several] for several in captions]
