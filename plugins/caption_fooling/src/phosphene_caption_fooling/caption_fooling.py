"""A photograph that looks the same to people, and of which a captioner says something else."""

from collections.abc import Iterator
from typing import ClassVar

import attrs
import numpy as np

from phosphene_caption_fooling.words_aim import WordsAim
from phosphene_captioning.objectives import CaptionLogProb
from phosphene_core.errors import PhospheneError
from phosphene_core.layer import Array, Need, Pass
from phosphene_core.model import ImageModel
from phosphene_core.objective import Objective
from phosphene_core.technique import Frame
from phosphene_fooling import Fooling


@attrs.frozen
class CaptionFooling(Fooling):
    """The least change by which a captioner says otherwise.

    Changes a photograph as little as it takes for a captioner to say the sentence that is asked for; if it says that
    already (as when no sentence is named), to say anything else (Chen et al. 2018). Asked about one word, it makes the
    captioner say that word at its place in the sentence, or no longer.

    The ways to fool are those of `fooling`. Each frame's facts: `fooled`, `caption` and `caption_before` (the likeliest
    words, one after another), `largest_change` and `length_of_change` in pixel values.
    """

    paper: ClassVar[str] = "Chen et al. 2018"
    objective: ClassVar[str] = "caption_sentence"
    model: ClassVar[str | None] = "picture_captioner"
    examples: ClassVar[tuple[str, ...]] = ("caption_sentence:sentence=a dog is running through the water",)
    says: ClassVar[str] = "caption"

    def frames(
        self, model: ImageModel, images: Array, objective: Objective, rng: np.random.Generator
    ) -> Iterator[Frame]:
        before = _words(model, images, objective).seen(_traced(model, images))
        for frame in super().frames(model, images, objective, rng):
            yield attrs.evolve(frame, facts={"caption_before": before, **frame.facts})

    def aim(self, model: ImageModel, images: Array, objective: Objective) -> WordsAim:
        words = _words(model, images, objective)
        said = words.reached(words.seen(_traced(model, images)))
        return attrs.evolve(words, away=said)


def _traced(model: ImageModel, images: Array):  # type: ignore[no-untyped-def]
    return model.trace(images, upto="features", run=Pass(need=Need.NOTHING))


def _words(model: ImageModel, images: Array, objective: Objective) -> WordsAim:
    if not isinstance(objective, CaptionLogProb):
        raise PhospheneError(
            f"caption_fooling needs words to ask about, not {objective.describe(model)}; "
            "say --sentence, and with --model which captioner is meant"
        )
    return WordsAim(objective, np.zeros(len(images), bool))
