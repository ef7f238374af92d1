"""The whole captioner, from pixels to words: an encoder's activation, a linear reduction, and a decoder."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, ClassVar, Self

import attrs
import numpy as np

from phosphene_captioning import word_detection
from phosphene_captioning.caption_loss import loss_by_features
from phosphene_captioning.captioner import Captioner
from phosphene_captioning.reduce import Reduce
from phosphene_captioning.speaking import Speaking
from phosphene_core.chain import Chain
from phosphene_core.conversion import Resolver
from phosphene_core.dataset import Batch
from phosphene_core.errors import PhospheneError
from phosphene_core.layer import Array, Grads, Need, Pass, inner, outer
from phosphene_core.model import ImageModel
from phosphene_core.options import option

FEATURES = "this captioner looks at pictures; the data holds feature vectors, for a model `captioner`"


@attrs.frozen
class PictureCaptioner(Speaking, ImageModel):
    """Pictures to captions. `network` goes from pixels to the activation `features`; `decoder` says them.

    Parameters: the encoder's own names, `features.W`, `features.center`, and `decoder.*`. Objectives about words
    (`caption_word`, `caption_sentence`) seed `features`, so every technique reaches the picture from any word.

    An encoder that comes with weights (a file, or a name that brings its own) keeps them, and the mean that it was trained
    with; one that is described by its settings alone starts afresh.
    """

    stored: ClassVar[tuple[str, ...]] = ("mean", "vocabulary_words", "learned_from")

    encoder: ImageModel = option(help="the model that looks: a name with settings, as cnn, or a file")
    decoder: Captioner = option(help="the captioner that speaks, as captioner:recurrent=lstm")
    activation: str = option("hidden", "the encoder's activation that is described")
    fine_tune: bool = option(False, "whether training changes the encoder too")
    word_detection: float = option(
        0.0, "weight of a second loss in training: which words a caption holds, told from the features at once (Fang 2015)", ge=0
    )
    vocabulary_words: tuple[str, ...] = attrs.field(default=(), repr=False, kw_only=True)
    learned_from: tuple[str, ...] = attrs.field(default=(), repr=False, kw_only=True)
    mean_of_data: Array | None = attrs.field(default=None, repr=False, eq=False, kw_only=True)
    """The mean that a data set's pictures come less, where it is not the model's own."""

    @property
    def criterion(self) -> str:  # type: ignore[override]
        """As the decoder's."""
        return self.decoder.criterion

    @classmethod
    def example(cls, rng: np.random.Generator) -> Any:
        """A tiny captioner from pixels and a batch, for its contract."""
        from phosphene_core.testing import tiny_classifier

        speaker, batch = Captioner.example(rng)
        basis = rng.standard_normal((6, 5)).astype(np.float32)
        model = cls.joined(tiny_classifier(), "conv2", np.zeros(6, np.float32), basis, speaker, fine_tune=True)
        return model, {"images": rng.standard_normal((2, 3, 12, 12)) * 30, "captions": batch["captions"]}

    @cached_property
    def network(self) -> Chain:
        whole = self.encoder.network
        kept = whole.layers[: whole.index(self.activation) + 1]
        return Chain([*kept, ("features", Reduce(self.decoder.features, self.decoder.attends))])

    @property
    def input_shape(self) -> tuple[int, int, int]:
        return self.encoder.input_shape

    @cached_property
    def speaker(self) -> Captioner:
        """The decoder with its parameters and words, as a captioner of feature vectors."""
        return attrs.evolve(
            self.decoder, vocabulary_words=self.vocabulary_words, params=inner(self.params, "decoder")
        )

    @classmethod
    def joined(
        cls, encoder: ImageModel, activation: str, center: Array, basis: Array, speaker: Captioner, **stored: Any
    ) -> Self:
        """The whole of an encoder, a fitted reduction (center (D,), basis (D, K)) and a trained captioner."""
        names = encoder.network.names[: encoder.network.index(activation) + 1]
        params = {k: v for k, v in encoder.params.items() if k.split(".")[0] in names}
        params |= {"features.center": center, "features.W": basis, **outer("decoder", speaker.params)}
        bare = attrs.evolve(encoder, params={}), attrs.evolve(speaker, params={}, vocabulary_words=())
        return cls(
            encoder=bare[0], decoder=bare[1], activation=activation, params=params, mean=encoder.mean,
            vocabulary_words=speaker.vocabulary_words, **stored,
        )  # fmt: skip

    def initialized(self, rng: np.random.Generator) -> Self:
        params, _ = self.network.init(rng, self.input_shape)
        params |= {k: v for k, v in self.encoder.params.items() if k in params}
        decoder = attrs.evolve(self.decoder, vocabulary_words=self.vocabulary_words).initialized(rng)
        if self.word_detection:
            params |= outer("words", word_detection.init(rng, self.decoder.features, len(self.vocabulary_words)))
        bare = attrs.evolve(self.encoder, params={})
        return attrs.evolve(self, encoder=bare, params={**params, **outer("decoder", decoder.params)})

    def prepared_for(self, facts: dict[str, Any]) -> Self:
        own = self.mean if self.mean is not None or not self.encoder.params else self.encoder.mean
        words = tuple(facts.get("vocabulary", self.vocabulary_words))
        known = attrs.evolve(self, vocabulary_words=words, decoder=self.decoder.rewarded(facts))
        theirs = facts.get("mean")
        if own is None:
            return attrs.evolve(known, mean=theirs)
        return attrs.evolve(known, mean=own, mean_of_data=theirs)

    def _own(self, images: Array, mean: Array | None) -> Array:
        """Pictures that come less some mean (None: the model's), less the model's own."""
        if mean is None or (self.mean is not None and np.array_equal(mean, self.mean)):
            return images
        shift = mean - self.mean_for(*mean.shape[1:])
        return images + (shift if shift.shape[1:] == images.shape[2:] else shift.mean(axis=(1, 2), keepdims=True))

    def loss(self, batch: Batch, run: Pass) -> tuple[float, dict[str, float], Grads]:
        """The decoder's loss of `batch["captions"]` given `batch["images"]`."""
        if "images" not in batch:
            raise PhospheneError(FEATURES)
        images = self._own(batch["images"], self.mean_of_data)
        if self.fine_tune:
            features, backward = self.network.forward(self.params, images, run)
        else:
            seen = self.trace(images, upto=self.activation, run=Pass(need=Need.NOTHING))[self.activation]
            top = Chain(self.network.layers[-1:])
            features, backward = top.forward(self.params, seen, attrs.evolve(run, need=run.need & Need.PARAMS))
        asked = {**batch, "features": features}
        above = attrs.evolve(run, need=run.need | Need.INPUT) if Need.PARAMS in run.need else run
        loss, measures, grads, dfeatures = loss_by_features(self.speaker, asked, above)
        detector: Grads = {}
        if self.word_detection:
            own = inner(self.params, "words")
            told, dtold, detector = word_detection.detection_loss(
                own, features, batch["captions"], self.word_detection, run.need
            )
            loss, dfeatures = loss + told, dtold if dfeatures is None else dfeatures + dtold
        if Need.PARAMS not in run.need:
            return loss, measures, {}
        return loss, measures, {**backward(dfeatures)[1], **outer("decoder", grads), **outer("words", detector)}

    def seeing(self, dataset: Any) -> Callable[[Array], Array]:
        mean = dataset.facts().get("mean")
        return lambda images: self.features(self._own(images, mean))

    def reading(self, facts: Mapping[str, Any]) -> Callable[[Batch], Batch]:
        """Words of the data's vocabulary become the captioner's, and pictures come less its own mean."""
        if "features" in facts and "mean" not in facts:
            raise PhospheneError(FEATURES)
        words, theirs = self.speaker.vocabulary.reading(facts.get("vocabulary", self.vocabulary_words)), facts.get("mean")

        def read(batch: Batch) -> Batch:
            batch = words(batch)
            ours = self.mean_of_data  # which `loss` takes the pictures to come less
            return batch if theirs is None or ours is not None else {**batch, "images": self._own(batch["images"], theirs)}

        return read

    @classmethod
    def pretrained(cls, resolve: Resolver) -> "PictureCaptioner":
        """The captioner inside this package, on the embedded encoder that `resolve` (a registry's) finds; the README
        says what it learned from and how well it does."""
        from phosphene_captioning.embedded import read

        return read(resolve)

    def features(self, images: Array, batch_size: int = 100) -> Array:
        """The feature vectors (N, D), or maps (N, D, h, w), of pictures in model input (N, 3, H, W)."""
        parts = [
            self.trace(images[i : i + batch_size], run=Pass(need=Need.NOTHING))["features"]
            for i in range(0, max(1, len(images)), batch_size)
        ]
        return np.concatenate(parts)

    def predict(self, images: Array, batch_size: int = 100) -> Array:
        raise PhospheneError("a captioner has no classes to choose from; `phosphene caption` says what it sees")

