"""Captions against what people said: the scores of a whole split."""

from collections.abc import Callable, Sequence
from typing import Any

import attrs

from phosphene_captioning.caption import Caption
from phosphene_captioning.captioner import Captioner
from phosphene_captioning.speech import GREEDY, Speech
from phosphene_core.errors import PhospheneError
from phosphene_core.judgement import Judgement
from phosphene_core.layer import Array
from phosphene_metrics import CaptionScores, evaluate, java

BATCH = 100


def captions_for(model: Captioner, features: Array, width: int = 1, max_length: int = 16) -> list[Caption]:
    """The best caption for each row of features; `width` 1 is greedy."""
    speech = Speech(beam=width)
    parts = (features[i : i + BATCH] for i in range(0, len(features), BATCH))
    return [c for part in parts for (c,) in speech.captions(model, part, speech.rng, max_length=max_length)]


def scores(model: Captioner, captions: Sequence[Caption], references: Sequence[Sequence[str]]) -> CaptionScores:
    """BLEU, ROUGE-L, CIDEr-D and how varied the captions are, by coco-caption's definitions."""
    said = {i: c.text(model.vocabulary) for i, c in enumerate(captions)}
    return evaluate(said, dict(enumerate(references)))


def judged(
    model: Captioner, features_of: Callable[[Any], Array], dataset: Any, split: str, limit: int | None
) -> dict[str, float]:
    """The measures of `model`, asked greedily, on the pictures of a split; none if the data set does not tell pictures apart."""
    if not hasattr(dataset, "pictures"):
        return {}
    said, references = _said(model, features_of, dataset, split, limit, GREEDY)
    return _numbers(scores(model, said, references))


def judgement(
    model: Captioner, features_of: Callable[[Any], Array], dataset: Any, split: str, limit: int | None, speech: Speech
) -> Judgement:
    """`judged`, but asked by `speech`, with METEOR and SPICE where they can be had, and every picture's caption, references and
    scores."""
    if not hasattr(dataset, "pictures"):
        return Judgement({})
    said, references = _said(model, features_of, dataset, split, limit, speech)
    found = scores(model, said, references)
    captions = [c.text(model.vocabulary) for c in said]
    measures, remarks, own = _numbers(found), [], [attrs.asdict(found.per_image[i]) for i in range(len(said))]
    for metric in ("meteor", "spice"):
        try:
            theirs = getattr(java, metric)(dict(enumerate(captions)), dict(enumerate(references)))
        except PhospheneError as error:
            remarks.append(str(error))
            continue
        measures[metric] = theirs.score
        for i, one in enumerate(own):
            one[metric] = theirs.per_image[i]
    names = dataset.picture_names(split, limit) if hasattr(dataset, "picture_names") else map(str, range(len(said)))
    each = [
        {"name": name, "text": text, "log_prob": c.log_prob, **scored, "references": list(people)}
        for name, text, c, scored, people in zip(names, captions, said, own, references, strict=True)
    ]
    return Judgement(measures, tuple(each), tuple(remarks))


def _said(
    model: Captioner, features_of: Callable[[Any], Array], dataset: Any, split: str, limit: int | None, speech: Speech
) -> tuple[list[Caption], list[list[str]]]:
    inputs, references = dataset.pictures(split, limit)
    said: list[Caption] = []
    rng = speech.rng
    for start in range(0, len(references), BATCH):  # all at once may not fit into memory
        said += [c for (c,) in speech.captions(model, features_of(inputs[start : start + BATCH]), rng)]
    return said, references


def _numbers(found: CaptionScores) -> dict[str, float]:
    numbers = attrs.asdict(found, filter=lambda a, v: isinstance(v, int | float))
    return {k: float(v) for k, v in numbers.items() if k != "images"}
