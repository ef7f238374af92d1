"""From a photograph's file to sentences and maps of their words."""

from pathlib import Path
from typing import Any

import numpy as np

from phosphene_captioning.beam import Beam, beam_search
from phosphene_captioning.caption import Caption
from phosphene_captioning.objectives import CaptionLogProb
from phosphene_captioning.picture_captioner import PictureCaptioner
from phosphene_captioning.sampling import Draw, sample
from phosphene_captioning.vocabulary import END
from phosphene_captioning.word_strip import strip
from phosphene_core import Attribution, PhospheneError
from phosphene_core.image import center_crop, decode, encode
from phosphene_core.layer import Array


class Describer:
    """A captioner and the way in which it is asked."""

    def __init__(
        self, registry: Any, model: str | None, beam: int, best: int, temperature: float, top_k: int, nucleus: float,
        seed: int,
    ) -> None:  # fmt: skip
        self.registry, self.best = registry, best
        self.model: PictureCaptioner = load(registry, model)
        self.beam = Beam(width=max(beam, best) if temperature == 0 else 1)
        self.draw = Draw(temperature=temperature, top_k=top_k, nucleus=nucleus) if temperature else None
        self.rng = np.random.default_rng(seed)

    def captions(self, images: Array) -> list[list[Caption]]:
        """For each picture in model input, its captions, best first."""
        features = self.model.features(images)
        if self.draw is None:
            return [c[: self.best] for c in beam_search(self.model.speaker, features, self.beam, forbid_unknown=True)]
        repeated = np.repeat(features, self.best, axis=0)
        found = sample(self.model.speaker, repeated, self.draw, self.rng, forbid_unknown=True)
        return [found[i : i + self.best] for i in range(0, len(found), self.best)]

    def describe(self, path: Path) -> dict[str, Any]:
        """The file, and its captions with the log-probability of each word."""
        found = self.captions(self.model.preprocess([decode(path, max_side=1024)]))[0]
        return {"image": str(path), "captions": [self._told(c) for c in found]}

    def explain(self, path: Path, technique: str | None, folder: Path) -> str:
        """Write a strip of pictures, one for each word of the best caption; its file's name."""
        picture = decode(path, max_side=1024)
        maps, words = word_maps(self.registry, self.model, picture, technique)
        target = folder / f"{path.stem}-words.png"
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


def load(registry: Any, model: str | None) -> PictureCaptioner:
    """A captioner from a file, or the embedded one."""
    if model is None:
        return PictureCaptioner.pretrained(registry.resolve)
    found = registry.resolve(PictureCaptioner, model)
    if not isinstance(found, PictureCaptioner):
        raise PhospheneError(f"{model} does not read pictures; name a captioner that does")
    return found


def word_maps(
    registry: Any, model: PictureCaptioner, picture: Array, technique: str | None = None
) -> tuple[list[Array], list[str]]:
    """The best caption's words and, for each, the map of what in the picture spoke for it. `technique`: an attribution, or
    "attention", where the model itself has looked; by default that if it attends, else saliency."""
    images = model.preprocess([picture])
    best = beam_search(model.speaker, model.features(images), forbid_unknown=True)[0][0]
    technique = technique or ("saliency" if best.attention is None else "attention")
    if technique == "attention":
        if best.attention is None:
            raise PhospheneError("this captioner does not attend; its words are explained by a technique, as saliency")
        said = [t for t in best.tokens if t != END]
        return [best.attention[i] for i in range(len(said))], [model.vocabulary_words[t] for t in said]
    made = registry.resolve(Attribution, technique)
    maps, words = [], []
    for place, token in enumerate(best.tokens):
        if token == END:
            break
        objective = CaptionLogProb(model, best.tokens, (place,))
        maps.append(made.attribute(model, images, objective, np.random.default_rng(0)).maps[0])
        words.append(model.vocabulary_words[token])
    return maps, words
