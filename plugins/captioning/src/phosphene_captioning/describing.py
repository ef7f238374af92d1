"""From a photograph's file to sentences and maps of their words."""

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from phosphene_captioning.caption import Caption
from phosphene_captioning.captioner import Captioner
from phosphene_captioning.ensemble import ensemble
from phosphene_captioning.objectives import CaptionScore, own_caption
from phosphene_captioning.picture_captioner import PictureCaptioner
from phosphene_captioning.reduction import Reduction
from phosphene_captioning.speech import Speech
from phosphene_captioning.vocabulary import END
from phosphene_captioning.word_strip import strip
from phosphene_core import Attribution, Model, PhospheneError
from phosphene_core.image import center_crop, decode, encode
from phosphene_core.layer import Array
from phosphene_core.left_out import LeftOut
from phosphene_core.threads import threads

DEFAULTS = ("integrated_gradients", "saliency")
"""The techniques that explain words, best first: where the truth is known, integrated gradients point at the thing that a word
is about nine times in ten, saliency not even every other time (tests/benchmarks/words_pointing.py)."""


BATCH = 32
"""Pictures that are described together: in a sixth of the time that they take one by one."""


class Describer:
    """A captioner and the way in which it is asked."""

    def __init__(self, registry: Any, models: Sequence[str], features: Path | None, speech: Speech, best: int) -> None:
        self.registry, self.speech, self.best, self.rng = registry, speech, best, speech.rng
        self.model: PictureCaptioner = load(registry, models, features)
        self._named: Counter[str] = Counter()

    def captions(self, images: Array) -> list[list[Caption]]:
        """For each picture in model input, its captions, best first."""
        return self.speech.captions(self.model.speaker, self.model.features(images), self.rng, self.best)

    def describe(self, paths: Sequence[Path], left_out: LeftOut) -> Iterator[tuple[Path, dict[str, Any], Caption]]:
        """Each file; it and its captions with the log-probability of each word, for people and programs; and the best caption.

        Many files are looked at and described together, but for captions that are drawn at random: each draws after the
        one before. What is no picture is left out, after the captions of those before it."""
        together = BATCH if self.speech.temperature == 0 else 1
        with ThreadPoolExecutor(threads()) as pool:
            for start in range(0, len(paths), together):
                some = paths[start : start + together]
                seen = list(pool.map(self._input, some))
                images = [s for s in seen if not isinstance(s, PhospheneError)]
                said = iter(self.captions(np.concatenate(images)) if images else [])
                for path, image in zip(some, seen, strict=True):
                    if isinstance(image, PhospheneError):
                        left_out.add(image)
                        continue
                    found = next(said)
                    yield path, {"image": str(path), "captions": [self._told(c) for c in found]}, found[0]

    def _input(self, path: Path) -> Array | PhospheneError:
        """A photograph as model input, or what is wrong with it."""
        try:
            return self.model.preprocess([decode(path, max_side=1024)])
        except PhospheneError as error:
            return error

    def explain(self, path: Path, caption: Caption, technique: str | None, folder: Path) -> str:
        """Write a strip of pictures, one for each word of a caption; its file's name."""
        picture = decode(path, max_side=1024)
        maps, words = word_maps(self.registry, self.model, picture, technique, caption)
        self._named[path.stem] += 1  # pictures of several folders may have one name
        count = self._named[path.stem]
        target = folder / f"{path.stem}{f'-{count}' if count > 1 else ''}-words.png"
        encode(strip(center_crop(picture), maps, words), target)
        return str(target)

    def _told(self, caption: Caption) -> dict[str, Any]:
        vocabulary = self.model.speaker.vocabulary
        words = [vocabulary.words[t] for t in caption.tokens]
        return {
            "text": caption.text(vocabulary),
            "log_prob": caption.log_prob,
            "words": [{"word": w, "log_prob": p} for w, p in zip(words, caption.log_probs, strict=True)],
        }


def load(registry: Any, models: Sequence[str] = (), features: Path | None = None) -> PictureCaptioner:
    """A captioner of pictures: the embedded one, one from a file, or several asked as one. Captioners of feature vectors become
    such by the folder `features`, which tells how pictures become these."""
    named = " and ".join(models) or "the captioner inside"
    found = joined(registry, models) if models else PictureCaptioner.pretrained(registry.resolve)
    if isinstance(found, PictureCaptioner):
        if features is not None:
            raise PhospheneError(f"{named} looks at pictures itself; leave out --features")
        return found
    if features is None:
        raise PhospheneError(
            f"{named} reads feature vectors, not pictures: name with --features the folder that `data prepare captions` wrote"
        )
    return Reduction.read(features).joined(registry.resolve, found)


def joined(registry: Any, models: Sequence[str]) -> Captioner | PictureCaptioner:
    """The captioner of this name or file, or several as one. `PhospheneError` if one says nothing, or they cannot be joined."""
    members: list[Any] = []
    for name in models:
        members.append(registry.resolve(Model, name))
        if not isinstance(members[-1], Captioner | PictureCaptioner):
            raise PhospheneError(f"{name} says nothing; name a captioner")
    if len(members) == 1:
        return members[0]
    try:
        return ensemble(members)
    except PhospheneError as error:
        raise PhospheneError(f"{', '.join(models)}: {error}") from None


def word_maps(
    registry: Any, model: PictureCaptioner, picture: Array, technique: str | None = None, caption: Caption | None = None
) -> tuple[list[Array], list[str]]:
    """The words of a caption (by default the model's best) and, for each, the map of what in the picture spoke for it.

    `technique`: an attribution, or "attention", where the model itself has looked; by default that if it attends, else
    the first of `DEFAULTS` that there is.
    """
    images = model.preprocess([picture])
    best = own_caption(model, images) if caption is None else caption
    technique = technique or (_default(registry) if best.attention is None else "attention")
    said = [t for t in best.tokens if t != END]
    words = [model.vocabulary_words[t] for t in said]
    if technique == "attention":
        if best.attention is None:
            raise PhospheneError("this captioner does not attend; its words are explained by a technique, as saliency")
        return [best.attention[i] for i in range(len(said))], words
    made = registry.resolve(Attribution, technique)
    questions = (CaptionScore(model, best.tokens, (place,)) for place in range(len(said)))
    return [made.attribute(model, images, q, np.random.default_rng(0)).maps[0] for q in questions], words


def _default(registry: Any) -> str:
    there = registry.entries("technique")
    return next((name for name in DEFAULTS if name in there), DEFAULTS[-1])
