"""A model is settings, the network that they describe, and its parameters."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Self

import attrs
import numpy as np

from phosphene_core.chain import Chain, Trace
from phosphene_core.dataset import Batch, Dataset
from phosphene_core.errors import NotFoundError, ShapeError, unknown
from phosphene_core.image import center_crop, resize
from phosphene_core.judgement import Judgement
from phosphene_core.layer import Array, Grads, Need, Params, Pass
from phosphene_core.picture import as_picture


@attrs.frozen
class Model(ABC):
    """Settings (options), parameters beside them, and a loss to train by. Frozen: edits make twins."""

    stored: ClassVar[tuple[str, ...]] = ()
    """Fields besides settings and parameters that the model file keeps: arrays, or tuples of text."""

    criterion: ClassVar[str] = "loss"
    """The measure by which the best checkpoint is chosen: the lowest `loss`, or the highest of anything else."""

    params: Params = attrs.field(factory=dict, repr=False, eq=False, kw_only=True)

    @abstractmethod
    def initialized(self, rng: np.random.Generator) -> Self:
        """A twin with fresh parameters."""

    @abstractmethod
    def loss(self, batch: Batch, run: Pass) -> tuple[float, dict[str, float], Grads]:
        """The mean loss over a batch, measures of it by name (`accuracy`, ...; means over the batch as well), and the
        gradients of the parameters if `run.need` asks for them."""

    @property
    @abstractmethod
    def buffers(self) -> tuple[str, ...]:
        """The names in `params` that no gradient belongs to."""

    def judged(self, dataset: Dataset, split: str, limit: int | None = None) -> dict[str, float]:
        """Measures that need a whole split and not one batch (a caption's score, say); after every epoch."""
        return {}

    @classmethod
    def manner(cls) -> type | None:
        """An attrs class of options that say how the model is asked, if there are several ways (how a captioner samples)."""
        return None

    def judgement(self, dataset: Dataset, split: str, limit: int | None = None, manner: Any = None) -> Judgement:
        """`judged` when there is time: slower measures as well, and each example's own; asked in this `manner`, an object of
        the class that `manner()` gives, or as is usual."""
        return Judgement(self.judged(dataset, split, limit))

    def reading(self, facts: Mapping[str, Any]) -> Callable[[Batch], Batch]:
        """What turns batches of a data set that tells these `facts` into batches for this model, which may have learned from
        another (indexes of words into its own, say). `PhospheneError` where nothing can."""
        return lambda batch: batch

    def prepared_for(self, facts: dict[str, Any]) -> Self:
        """A twin that knows what the data set tells (class names, mean image, vocabulary, ...)."""
        return attrs.evolve(self, **{k: v for k, v in facts.items() if k in self.stored})


@attrs.frozen
class ImageModel(Model):
    """A model that looks at pictures and gives class scores through named activations.

    Pictures go in as (N, 3, H, W) floats in 0..255 less `mean`. The last activation, `scores` (N, classes), holds
    unnormalized class scores.
    """

    stored: ClassVar[tuple[str, ...]] = ("mean", "class_names", "class_ids")
    criterion: ClassVar[str] = "accuracy"

    mean: Array | None = attrs.field(default=None, repr=False, eq=False, kw_only=True)
    class_names: tuple[str, ...] = attrs.field(default=(), repr=False, kw_only=True)
    class_ids: tuple[str, ...] = attrs.field(default=(), repr=False, kw_only=True)

    @property
    @abstractmethod
    def network(self) -> Chain:
        """The layers, in a row; their names are the activations' names."""

    @property
    @abstractmethod
    def input_shape(self) -> tuple[int, int, int]:
        """(3, H, W): the size of pictures that the model was made for."""

    @classmethod
    def from_foreign(cls, file: Any) -> Self | None:
        """A model from an HDF5 file (h5py.File) in another project's layout, or None if it is not one that this
        class knows. `FileError` if it is, but is damaged."""
        return None

    @property
    def buffers(self) -> tuple[str, ...]:
        return self.network.buffers

    @property
    def activations(self) -> tuple[str, ...]:
        return self.network.names

    @property
    def feature_maps(self) -> tuple[str, ...]:
        """The activations that keep a height and a width, (N, C, H, W), first to last."""
        trace = self.trace(np.zeros((0, *self.input_shape), np.float32), run=Pass(need=Need.NOTHING))
        return tuple(n for n in self.activations if trace[n].ndim == 4)

    @property
    def scores(self) -> str:
        """The name of the activation that holds the class scores."""
        return self.network.names[-1]

    def initialized(self, rng: np.random.Generator) -> Self:
        return attrs.evolve(self, params=self.network.init(rng, self.input_shape)[0])

    def trace(self, images: Array, upto: str | None = None, run: Pass | None = None) -> Trace:
        """Forward with every named activation kept, up to `upto`; by default ready for gradients of the images."""
        if images.ndim != 4 or images.shape[1] != self.input_shape[0]:
            raise ShapeError(f"images must have shape (N, {self.input_shape[0]}, H, W), not {images.shape}")
        return Trace(self.network, self.params, images, run or Pass(need=Need.INPUT), upto)

    def predict(self, images: Array, batch_size: int = 100) -> Array:
        """Class probabilities (N, classes)."""
        parts = [self._probabilities(images[i : i + batch_size]) for i in range(0, len(images), batch_size)]
        return np.concatenate(parts) if parts else self._probabilities(images)

    def _probabilities(self, images: Array) -> Array:
        scores = self.trace(images, run=Pass(need=Need.NOTHING))[self.scores]
        e = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(e / e.sum(axis=1, keepdims=True))

    def mean_for(self, height: int, width: int) -> Array | float:
        """The mean image where the size is the model's own, else its mean pixel (3, 1, 1)."""
        if self.mean is None:
            return 0.0
        return self.mean if self.mean.shape[1:] == (height, width) else self.mean.mean(axis=(1, 2), keepdims=True)

    def preprocess(self, pictures: Sequence[Array], square: bool = True) -> Array:
        """Pictures (H, W, 3), or grey (H, W), uint8, of any size, as the model's input (N, 3, H, W) float32.

        `square`: the largest centred square, brought to the model's own size. Otherwise pictures keep their size and
        must share it.
        """
        _, height, width = self.input_shape
        pictures = [as_picture(p) for p in pictures]
        sized = [resize(center_crop(p, height / width), height, width) if square else p for p in pictures]
        if len({p.shape for p in sized}) > 1:
            raise ShapeError(f"pictures that keep their size must share it; these have {sized[0].shape} and others")
        return self.input_of([p.transpose(2, 0, 1) for p in sized])

    def input_of(self, planes: Sequence[Array]) -> Array:
        """Pictures as planes (3, H, W), uint8, all of one size, as the model's input (N, 3, H, W) float32; of none, as many numbers
        each as the model's own size."""
        if not planes:
            return np.zeros((0, *self.input_shape), np.float32)
        images = np.stack(planes).astype(np.float32)
        images -= self.mean_for(*images.shape[2:])
        return images

    def deprocess(self, images: Array) -> Array:
        """The model's input back as pictures (N, H, W, 3), uint8, cut to 0..255."""
        pictures = np.asarray(images) + self.mean_for(*images.shape[2:])
        return np.clip(np.rint(pictures), 0, 255).astype(np.uint8).transpose(0, 2, 3, 1)

    def pixel_range(self, images: Array) -> tuple[Array, Array]:
        """The lowest and highest values that a picture of this shape can have in the model's input."""
        mean = np.broadcast_to(self.mean_for(*images.shape[2:]), images.shape[1:])
        return (-mean).astype(images.dtype), (255 - mean).astype(images.dtype)

    def class_index(self, wanted: str | int) -> int:
        """The class that is meant by an index, a class id, a class name, or a word in exactly one class's name."""
        count = len(self.class_names)
        text = str(wanted).strip()
        if not count:
            raise NotFoundError(f"this model has no classes, and so none called '{text}'")
        if text.lstrip("-").isdigit():
            if 0 <= int(text) < count:
                return int(text)
            raise NotFoundError(f"there is no class {text}; the model has classes 0 to {count - 1}")
        if text in self.class_ids:
            return self.class_ids.index(text)
        synonyms = [[s.strip().lower() for s in name.split(",")] for name in self.class_names]
        words = [[w for s in names for w in s.split()] for names in synonyms]
        for known in (synonyms, words):  # a whole name goes before a word of one
            found = [i for i, names in enumerate(known) if text.lower() in names]
            if len(found) == 1:
                return found[0]
            if found:
                raise NotFoundError(f"'{text}' fits several classes: " + "; ".join(self.class_names[i] for i in found))
        raise unknown("class", text, {s for names in synonyms for s in names})
