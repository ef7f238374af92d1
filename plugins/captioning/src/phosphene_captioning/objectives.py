"""Questions about captions: what in the picture speaks for a word, or for a whole sentence."""

from typing import Any, ClassVar

import attrs
import numpy as np

from phosphene_captioning.beam import Beam
from phosphene_captioning.caption import Caption
from phosphene_captioning.decoding import Decoded
from phosphene_captioning.judging import captions_for
from phosphene_captioning.picture_captioner import PictureCaptioner
from phosphene_captioning.vocabulary import END, START, UNKNOWN, words_of
from phosphene_core.errors import NotFoundError, PhospheneError, unknown
from phosphene_core.layer import Array, Need, Pass
from phosphene_core.objective import Objective, Traced
from phosphene_core.options import option


@attrs.frozen
class CaptionLogProb(Objective):
    """The log-probability of some words of a sentence, each given the words before it; what the two objectives below
    become once they are bound to a captioner. `places` counts from 0. `beam`: where the sentence is the model's own caption,
    the beam width by which it was found; 1 is greedy."""

    model: PictureCaptioner
    tokens: tuple[int, ...]
    places: tuple[int, ...]
    beam: int = 1

    def upto(self, model: Any) -> str:
        return "features"

    def __call__(self, trace: Traced) -> tuple[Array, dict[str, Array]]:
        said, targets = self.decoded(trace)
        scores = said.scores - said.scores.max(axis=1, keepdims=True)
        log_probs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        rows = np.arange(len(targets))
        seeds = -np.exp(log_probs)
        seeds[rows, targets] += 1
        values = log_probs[rows, targets].reshape(-1, len(self.places)).sum(axis=1)
        dfeatures, _ = said.backward(seeds)
        assert dfeatures is not None
        return values, {"features": dfeatures}

    def decoded(self, trace: Traced) -> tuple[Decoded, Array]:
        """One run of the decoder over the sentence for each picture, with the scores (N * places, V) of the words that
        are asked about; and which words these are (N * places,)."""
        features = trace["features"]
        n, t = len(features), len(self.tokens)
        before = np.tile(np.array([START, *self.tokens[:-1]]), (n, 1))
        asked = np.zeros((n, t), bool)
        asked[:, list(self.places)] = True
        said = self.model.speaker.decode(features, before, asked, Pass(need=Need.INPUT))
        return said, np.tile(np.array(self.tokens)[sorted(self.places)], n)

    def describe(self, model: Any) -> str:
        """The sentence, with the words that are asked about in brackets, unless that is all of them."""
        words = [w for w in (self.model.vocabulary_words[t] for t in self.tokens) if w != "<END>"]
        if all(i in self.places for i in range(len(words))):
            return f'"{" ".join(words)}"'
        return " ".join(f"[{w}]" if i in self.places else w for i, w in enumerate(words))


class CaptionScore(CaptionLogProb):
    """The unnormalized scores of these words, as class scores are asked for (Simonyan et al. 2014): they rise with the
    evidence for these words alone, where a log-probability is flat once the model is sure."""

    def __call__(self, trace: Traced) -> tuple[Array, dict[str, Array]]:
        said, targets = self.decoded(trace)
        rows = np.arange(len(targets))
        seeds = np.zeros_like(said.scores)
        seeds[rows, targets] = 1
        dfeatures, _ = said.backward(seeds)
        assert dfeatures is not None
        return said.scores[rows, targets].reshape(-1, len(self.places)).sum(axis=1), {"features": dfeatures}


MEASURES: dict[str, type[CaptionLogProb]] = {"score": CaptionScore, "log_prob": CaptionLogProb}


def own_caption(model: PictureCaptioner, images: Array, beam: int = Beam().width) -> Caption:
    """The model's caption of one picture (1, 3, H, W): what `phosphene caption` says first. `beam` 1 is greedy."""
    return captions_for(model.speaker, model.features(images), beam)[0]


@attrs.frozen
class CaptionWord(Objective):
    """One word of a caption: by default of the caption that the model itself gives."""

    default_model: ClassVar[str | None] = "picture_captioner"

    word: str = option(help="the word to ask about, or its place in the caption, from 0")
    sentence: str | None = option(None, "the caption that holds it; by default the model's own")
    measure: str = option(
        "score", "what is asked of it: its unnormalized score, or its log-probability", choices=tuple(MEASURES)
    )
    beam: int = option(Beam().width, "beam width of the model's own caption; 1 is greedy", ge=1)

    @classmethod
    def example(cls, rng: np.random.Generator) -> Any:
        """The question with a tiny captioner and pictures, for its contract."""
        return cls("red", sentence="a red circle"), *_tiny(rng)

    def bound(self, model: Any, images: Array) -> Any:
        tokens, asked = _tokens(model, images, self.sentence, self.beam), MEASURES[self.measure]
        beam = self.beam if self.sentence is None else 1
        words = [model.vocabulary_words[t] for t in tokens]
        if self.word.isdigit() and int(self.word) < len(tokens):
            return asked(model, tokens, (int(self.word),), beam)
        if self.word.lower() in words:
            return asked(model, tokens, (words.index(self.word.lower()),), beam)
        if self.word.lower() not in model.vocabulary_words:
            raise unknown("word", self.word, model.vocabulary_words)
        raise NotFoundError(f"'{self.word}' is not in the caption \"{' '.join(words[:-1])}\"; name one with --sentence")

    def __call__(self, trace: Traced) -> tuple[Array, dict[str, Array]]:
        raise PhospheneError("bind the objective to a captioner and a picture first")


@attrs.frozen
class CaptionSentence(Objective):
    """A whole sentence: by default the one that the model itself gives."""

    default_model: ClassVar[str | None] = "picture_captioner"

    sentence: str | None = option(None, "the sentence; by default the model's own caption")
    measure: str = option(
        "log_prob", "what is asked of its words: their log-probabilities, or unnormalized scores", choices=tuple(MEASURES)
    )
    beam: int = option(Beam().width, "beam width of the model's own caption; 1 is greedy", ge=1)

    @classmethod
    def example(cls, rng: np.random.Generator) -> Any:
        """The question with a tiny captioner and pictures, for its contract."""
        return cls("a red circle"), *_tiny(rng)

    def bound(self, model: Any, images: Array) -> Any:
        tokens = _tokens(model, images, self.sentence, self.beam)
        beam = self.beam if self.sentence is None else 1
        return MEASURES[self.measure](model, tokens, tuple(range(len(tokens))), beam)

    def __call__(self, trace: Traced) -> tuple[Array, dict[str, Array]]:
        raise PhospheneError("bind the objective to a captioner and a picture first")


def _tokens(model: Any, images: Array, sentence: str | None, beam: int) -> tuple[int, ...]:
    """The tokens of a sentence, or of the model's own caption of the one picture, <END> included."""
    if not isinstance(model, PictureCaptioner):
        raise PhospheneError("words are asked of a captioner; give one with --model")
    if sentence is None:
        if len(images) != 1:
            raise PhospheneError("each picture has its own caption: ask about one picture at a time, or give a sentence")
        return own_caption(model, images, beam).tokens
    words = words_of(sentence)
    index = model.speaker.vocabulary.index
    for word in words:
        if word not in index:
            raise unknown("word", word, model.vocabulary_words)
    if not words:
        raise PhospheneError("the sentence holds no word")
    return (*(index.get(w, UNKNOWN) for w in words), END)


def _tiny(rng: np.random.Generator) -> tuple[PictureCaptioner, Array]:
    from phosphene_core.testing import tiny_pictures

    model, _ = PictureCaptioner.example(rng)
    return model, model.preprocess(list(tiny_pictures(2)))
