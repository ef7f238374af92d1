"""A picture from nothing of which a captioner says a given sentence."""

from collections.abc import Iterator
from typing import ClassVar

import attrs
import numpy as np

from phosphene_captioning import PictureCaptioner, greedy
from phosphene_captioning.margin import CaptionMargin
from phosphene_captioning.objectives import CaptionLogProb
from phosphene_core.errors import PhospheneError
from phosphene_core.layer import Array
from phosphene_core.model import ImageModel
from phosphene_core.objective import Objective
from phosphene_core.options import option
from phosphene_core.technique import Frame
from phosphene_imageopt import Visualization
from phosphene_imageopt.visualization import ordered

LEAST_WORDS = 16
"""A caption may have so many words, or as many as the sentence that is dreamt, before it is cut."""


@attrs.frozen
class CaptionDream(Visualization):
    """Ascends the margin of a sentence, or of one word in it, from noise, as class visualization does a
    class's score (Simonyan et al. 2014; Olah et al. 2017). The last frame's facts: `caption`, what the captioner says
    of the picture as it will be saved (the likeliest words, one after another), and `word_for_word`, whether that is
    the sentence."""

    paper: ClassVar[str] = "Simonyan, Vedaldi, Zisserman 2014; Olah, Mordvintsev, Schubert 2017; Vinyals et al. 2015"
    objective: ClassVar[str] = "caption_sentence"
    model: ClassVar[str | None] = "scenes_captioner"
    examples: ClassVar[tuple[str, ...]] = (
        "caption_sentence:sentence=a large red circle above a small blue square",
        "caption_sentence:sentence=a small yellow star",
        "caption_sentence:sentence=a large green triangle left of a large purple cross",
    )

    steps: int = option(200, "steps of ascent", ge=1)
    total_variation: float = option(0.1, "weight of the differences between neighbouring pixels", ge=0)
    # What a sentence tells of places and sizes must survive the shaking.
    jitter: int = option(2, "the picture is moved by up to so many pixels each step", ge=0)
    scale: tuple[float, float] = option(
        (0.95, 1.05), "the picture is enlarged by a factor between these each step", gt=0, check=ordered
    )
    rotate: float = option(4.0, "the picture is turned by up to so many degrees each step", ge=0, le=180)

    def frames(
        self, model: ImageModel, images: Array, objective: Objective, rng: np.random.Generator
    ) -> Iterator[Frame]:
        if not isinstance(objective, CaptionLogProb):
            raise PhospheneError(
                f"caption_dream needs words to dream of, not {objective.describe(model)}; "
                "say --sentence, and with --model which captioner is meant"
            )
        for frame in super().frames(model, images, CaptionMargin.of(objective), rng):
            yield attrs.evolve(frame, facts=told(objective, frame.images)) if frame.step == frame.steps else frame


def told(asked: CaptionLogProb, images: Array) -> dict[str, Array]:
    """What the captioner says of pictures (N, 3, H, W) once they have been saved: facts, one for each picture."""
    model: PictureCaptioner = asked.model
    saved = model.preprocess(list(model.deprocess(images)))
    length = max(LEAST_WORDS, len(asked.tokens) + 1)
    captions = greedy(model.speaker, model.features(saved), max_length=length)
    return {
        "caption": np.array([c.text(model.speaker.vocabulary) for c in captions], dtype=str),
        "word_for_word": np.array([c.tokens == asked.tokens for c in captions], bool),
    }
