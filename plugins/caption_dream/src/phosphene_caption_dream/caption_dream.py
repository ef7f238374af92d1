"""A picture from nothing of which a captioner says a given sentence."""

from collections.abc import Iterator
from typing import ClassVar

import attrs
import numpy as np

from phosphene_captioning import Beam, PictureCaptioner
from phosphene_captioning.judging import captions_for
from phosphene_captioning.margin import CaptionMargin
from phosphene_captioning.objectives import CaptionLogProb
from phosphene_core.errors import PhospheneError
from phosphene_core.layer import Array
from phosphene_core.model import ImageModel
from phosphene_core.objective import Objective, image_value
from phosphene_core.options import option, tuned
from phosphene_core.technique import Frame
from phosphene_imageopt import Visualization

SHAKES = 8
"""How often the pictures of several tries are shaken: the one that stands it best is kept."""

LEAST_WORDS = 16
"""A caption may have so many words, or as many as the sentence that is dreamt, before it is cut."""


@attrs.frozen
class CaptionDream(Visualization):
    """A picture of which a captioner says a given sentence.

    Ascends the margin of a sentence, or of one word in it, from noise, as class visualization does a class's score
    (Simonyan et al. 2014; Olah et al. 2017). The last frame's facts: `caption`, what the captioner says of the picture
    as it will be saved (what `phosphene caption` says first, by beam search), and `word_for_word`, whether that is the sentence.
    """

    paper: ClassVar[str] = "Simonyan, Vedaldi, Zisserman 2014; Olah, Mordvintsev, Schubert 2017; Vinyals et al. 2015"
    objective: ClassVar[str] = "caption_sentence"
    model: ClassVar[str | None] = "scenes_captioner"
    examples: ClassVar[tuple[str, ...]] = (
        "caption_sentence:sentence=a large red circle above a small blue square",
        "caption_sentence:sentence=a small yellow star",
        "caption_sentence:sentence=a large green triangle left of a large purple cross",
    )

    tries: int = option(14, "pictures that are dreamt side by side, each from noise of its own; the best is kept", ge=1)
    margin: float = option(
        4.0, "how much more probable each word is to be than all others, in log-odds: more makes things plainer", gt=0
    )
    steps: int = tuned(Visualization, "steps", 200)
    basis: str = tuned(Visualization, "basis", "cutouts")
    l1: float = tuned(Visualization, "l1", 0.03)
    learning_rate: float = tuned(Visualization, "learning_rate", 0.05)
    total_variation: float = tuned(Visualization, "total_variation", 0.08)
    # What a sentence tells of places and sizes must survive the shaking.
    jitter: int = tuned(Visualization, "jitter", 2)
    scale: tuple[float, float] = tuned(Visualization, "scale", (0.95, 1.05))
    rotate: float = tuned(Visualization, "rotate", 4.0)

    def frames(
        self, model: ImageModel, images: Array, objective: Objective, rng: np.random.Generator
    ) -> Iterator[Frame]:
        if not isinstance(objective, CaptionLogProb):
            raise PhospheneError(
                f"caption_dream needs words to dream of, not {objective.describe(model)}; "
                "say --sentence, and with --model which captioner is meant"
            )
        rows = np.repeat(np.arange(len(images)), self.tries)
        every = objective.select(rows)
        for frame in super().frames(model, images[rows], CaptionMargin.of(every, self.margin), rng):
            facts, rank = {}, frame.values
            if frame.step == frame.steps:
                facts, rank = told(every, frame.images), self._shaken(every, frame.images, rng)
                rank = rank + facts["word_for_word"] * (np.abs(rank).sum() + 1)
            yield _best(frame, facts, rank, self.tries)

    def _shaken(self, asked: CaptionLogProb, images: Array, rng: np.random.Generator) -> Array:
        """How probable the captioner finds the words, on average, while pictures (N, 3, H, W) are shaken: (N,)."""
        seen = []
        for _ in range(SHAKES if self.transforms else 1):
            moved = images
            for transform in self.transforms:
                moved, _ = transform(moved, rng)
            seen.append(image_value(asked.model, moved, asked))
        return np.mean(seen, axis=0)


def _best(frame: Frame, facts: dict[str, Array], rank: Array, tries: int) -> Frame:
    """The frame with the highest ranked of each picture's tries alone."""
    if not rank.size:
        return attrs.evolve(frame, facts=facts)
    best = rank.reshape(-1, tries).argmax(axis=1)
    keep = best + tries * np.arange(len(best))
    chosen = {name: fact[keep] for name, fact in facts.items()}
    return attrs.evolve(frame, images=frame.images[keep], values=frame.values[keep], facts=chosen)


def told(asked: CaptionLogProb, images: Array) -> dict[str, Array]:
    """What the captioner says of pictures (N, 3, H, W) once they have been saved, and how probable it finds the words
    that were asked about: facts, one for each picture."""
    model: PictureCaptioner = asked.model
    saved = model.preprocess(list(model.deprocess(images)))
    length = max(LEAST_WORDS, len(asked.tokens) + 1)
    captions = captions_for(model.speaker, model.features(saved), Beam().width, length)
    return {
        "caption": np.array([c.text(model.speaker.vocabulary) for c in captions], dtype=str),
        "log_probability": image_value(model, saved, asked),
        "word_for_word": np.array([c.tokens == asked.tokens for c in captions], bool),
    }
