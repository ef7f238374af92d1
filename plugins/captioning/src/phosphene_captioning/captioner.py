"""The captioner of Karpathy and Fei-Fei 2015, Vinyals et al. 2015 and CS231n: a recurrent layer reads words."""

import math
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, ClassVar, Self

import attrs
import numpy as np

from phosphene_captioning.caption_loss import PICTURES, loss_by_features
from phosphene_captioning.decoding import Decoded, pooled, projected
from phosphene_captioning.speaking import Speaking
from phosphene_captioning.start_values import start_values
from phosphene_captioning.vocabulary import SPECIAL, Vocabulary
from phosphene_core.dataset import Batch
from phosphene_core.errors import PhospheneError, ShapeError
from phosphene_core.layer import Array, AttentiveLayer, Grads, Pass, RecurrentLayer
from phosphene_core.model import Model
from phosphene_core.options import option
from phosphene_metrics.cider import DocumentFrequencies


@attrs.frozen
class Captioner(Speaking, Model):
    """Feature vectors to captions, with any recurrent layer.

    `h0 = features W_proj + b_proj`; the words before are embedded by `W_embed`; the recurrent layer reads them; its
    states give scores `h W_vocab + b_vocab` for the next word. Trained by softmax loss summed over a caption's words
    and averaged over the batch; `<NULL>` positions cost nothing, not even a multiplication.

    An attentive recurrent layer reads maps of features (N, D, h, w): their mean gives `h0`, and it looks at their places
    while it speaks (Xu et al. 2015).
    """

    stored: ClassVar[tuple[str, ...]] = ("vocabulary_words",)

    recurrent: RecurrentLayer = option(help="the recurrent layer, as rnn, lstm:hidden=512 or gru")
    features: int = option(512, "width of the feature vectors", ge=1)
    word_size: int = option(256, "width of the word vectors", ge=1)
    fill_state: bool = option(
        False, "start every state from the features (an LSTM's cell too, as Xu 2015 does), not the hidden one alone"
    )
    dropout: float = option(0.0, "share of features and states dropped in training (Srivastava 2014)", ge=0, lt=1)
    scheduled_sampling: float = option(
        0.0, "share of words taken from the model itself by the end of training (Bengio 2015)", ge=0, le=1
    )
    self_critical: float = option(
        0.0, "share of the run, at its end, in which whole captions are rewarded by CIDEr-D (Rennie 2017); the data must give "
        "references", ge=0, le=1,
    )  # fmt: skip
    doubly_stochastic: float = option(
        1.0, "weight of Xu 2015's penalty on places that attention passes over or dwells on in a caption", ge=0
    )
    vocabulary_words: tuple[str, ...] = attrs.field(default=(), repr=False, kw_only=True)
    frequencies: DocumentFrequencies | None = attrs.field(default=None, repr=False, eq=False, kw_only=True)
    """How common runs of words are in the data's captions: what `self_critical` weighs them by."""

    @property
    def criterion(self) -> str:  # type: ignore[override]
        """The best checkpoint has the lowest loss; once whole captions are rewarded, which raises it, the best CIDEr-D."""
        return "cider_d" if self.self_critical else "loss"

    @classmethod
    def example(cls, rng: np.random.Generator) -> Any:
        """A tiny captioner and a batch, for its contract."""
        from phosphene_core.testing import TinyRecurrent

        words = (*SPECIAL, "a", "red", "circle")
        model = cls(recurrent=TinyRecurrent(), features=5, word_size=4, vocabulary_words=words)
        captions = np.array([[1, 4, 5, 6, 2], [1, 6, 2, 0, 0]])
        return model.initialized(rng), {"features": rng.standard_normal((2, 5)), "captions": captions}

    @cached_property
    def vocabulary(self) -> Vocabulary:
        return Vocabulary(self.vocabulary_words)

    @property
    def buffers(self) -> tuple[str, ...]:
        return ()

    @property
    def words(self) -> int:
        return len(self.vocabulary_words)

    def initialized(self, rng: np.random.Generator) -> Self:
        """The course's start values."""
        return attrs.evolve(self, params=start_values(self, rng))

    @property
    def hidden(self) -> int:
        """The recurrent layer's number of units."""
        return int(self.recurrent.hidden)  # type: ignore[attr-defined]

    @property
    def attends(self) -> bool:
        """Whether the recurrent layer looks at the places of a map while it speaks."""
        return isinstance(self.recurrent, AttentiveLayer)

    def check(self, features: Array) -> None:
        """`ShapeError` if this captioner does not read such features."""
        shape = np.shape(features)
        if len(shape) != (4 if self.attends else 2) or shape[1] != self.features:
            wanted = f"(N, {self.features})"
            if self.attends:
                wanted = f"maps (N, {self.features}, h, w), for it attends: let it learn from pictures, as the decoder of a picture_captioner"
            raise ShapeError(f"features have shape {shape}; this captioner reads {wanted}")

    def started(self, features: Array) -> tuple[Array, ...]:
        """The recurrent layer's state before the first word, for features (N, D), or (N, D, h, w) if it attends."""
        self.check(features)
        return self.state_of(features, projected(self.params, pooled(features)))

    def state_of(self, features: Array, h0: Array) -> tuple[Array, ...]:
        """The state that h0 (N, H) starts; all of it is h0 where it is to be filled."""
        if not isinstance(self.recurrent, AttentiveLayer):
            state = self.recurrent.start(h0)
            return tuple(h0 for _ in state) if self.fill_state else state
        grid = np.ascontiguousarray(
            features.reshape(*features.shape[:2], math.prod(features.shape[2:])).transpose(0, 2, 1)
        )
        *state_, _ = self.recurrent.start(h0, grid)
        return (*((h0 for _ in state_) if self.fill_state else state_), grid)

    def prepared_for(self, facts: Mapping[str, Any]) -> Self:
        """Takes the vocabulary and the feature width from the data."""
        known = attrs.evolve(self, vocabulary_words=tuple(facts.get("vocabulary", self.vocabulary_words)))
        return attrs.evolve(known.rewarded(facts), features=int(facts.get("features", self.features)))

    def rewarded(self, facts: Mapping[str, Any]) -> Self:
        """Takes from the data what a self-critical captioner is rewarded by. `PhospheneError` if the data does not give it."""
        if not self.self_critical:
            return self
        if "references" not in facts:
            raise PhospheneError("a self-critical captioner needs all captions of a picture: --data coco:...,references=yes")
        from phosphene_captioning.self_critical import frequencies_of

        return attrs.evolve(self, frequencies=frequencies_of(facts["references"]))

    @property
    def speaker(self) -> Self:
        """Itself: it is what speaks."""
        return self

    def seeing(self, dataset: Any) -> Callable[[Array], Array]:
        return lambda features: features

    def reading(self, facts: Mapping[str, Any]) -> Callable[[Batch], Batch]:
        """Words of the data's vocabulary become those of the captioner's, or <UNK>. `ShapeError` if the features have another
        width."""
        width = facts.get("features", self.features)
        if "features" not in facts and "mean" in facts:
            raise ShapeError(PICTURES)
        if width != self.features:
            where = facts.get("features_file", "the data")
            raise ShapeError(f"{where}: features have {width} columns; this captioner reads {self.features}")
        return self.vocabulary.reading(facts.get("vocabulary", self.vocabulary_words))

    def loss(self, batch: Batch, run: Pass) -> tuple[float, dict[str, float], Grads]:
        """The loss of `batch["captions"]` (N, T+1) given `batch["features"]` (N, D); the measure is the share of next
        words that are right."""
        return loss_by_features(self, batch, run)[:3]

    def decode(self, features: Array, words: Array, asked: Array, run: Pass) -> Decoded:
        """The scores of the next word after each of `words` (N, T), at the positions that are `asked` (N, T) bools:
        (M, V), row by row; and the way back."""
        return Decoded(self, self.params, features, words, asked, run)
