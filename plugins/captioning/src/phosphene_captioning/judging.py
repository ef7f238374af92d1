"""Captions against what people said: the scores of a whole split."""

from collections.abc import Callable, Sequence
from typing import Any

import attrs

from phosphene_captioning.beam import Beam, beam_search
from phosphene_captioning.caption import Caption
from phosphene_captioning.captioner import Captioner
from phosphene_captioning.sampling import greedy
from phosphene_core.layer import Array
from phosphene_metrics import CaptionScores, evaluate

BATCH = 100


def captions_for(model: Captioner, features: Array, width: int = 1) -> list[Caption]:
    """The best caption for each row of features; `width` 1 is greedy."""
    found: list[Caption] = []
    for start in range(0, len(features), BATCH):
        part = features[start : start + BATCH]
        if width == 1:
            found += greedy(model, part, forbid_unknown=True)
        else:
            found += [best[0] for best in beam_search(model, part, Beam(width=width), forbid_unknown=True)]
    return found


def scores(model: Captioner, captions: Sequence[Caption], references: Sequence[Sequence[str]]) -> CaptionScores:
    """BLEU, ROUGE-L, CIDEr-D and how varied the captions are, by coco-caption's definitions."""
    said = {i: c.text(model.vocabulary) for i, c in enumerate(captions)}
    return evaluate(said, dict(enumerate(references)))


def judged(
    model: Captioner, features_of: Callable[[Any], Array], dataset: Any, split: str, limit: int | None
) -> dict[str, float]:
    """The measures of `model` on the pictures of a split; none if the data set does not tell pictures apart."""
    if not hasattr(dataset, "pictures"):
        return {}
    inputs, references = dataset.pictures(split, limit)
    said: list[Caption] = []
    for start in range(0, len(references), BATCH):  # all at once may not fit into memory
        said += captions_for(model, features_of(inputs[start : start + BATCH]))
    found = scores(model, said, references)
    numbers = attrs.asdict(found, filter=lambda a, v: isinstance(v, int | float))
    return {k: float(v) for k, v in numbers.items() if k != "images"}
