"""The data set as a trainer sees it: batches, and what a model should know about it."""

from functools import cached_property
from typing import Any, ClassVar

import attrs
import numpy as np

from phosphene_core.dataset import Batch, Dataset
from phosphene_core.errors import unknown
from phosphene_core.layer import Array
from phosphene_core.options import option
from phosphene_tinyimagenet import augment
from phosphene_tinyimagenet.store import Split, Store


@attrs.frozen
class TinyImageNet(Dataset):
    """TinyImageNet-100-A, TinyImageNet-100-B and TinyImageNet-200, from the folder or straight from the zip.

    A batch holds `images` (N, 3, H, W) float32 in 0..255 less the mean training image, and `labels` (N,) where the
    split has them (`test` usually has none). Pictures are decoded once and cached (`PHOSPHENE_CACHE`, else the user's
    cache folder). Class `i` is line `i` of `wnids.txt`. Le and Yang 2015, "Tiny ImageNet Visual Recognition Challenge".
    """

    splits: ClassVar[tuple[str, ...]] = ("train", "val", "test")

    path: str = option(help="the folder or the zip file of TinyImageNet")
    flip: bool = option(True, "mirror half of the training pictures")
    crop: int = option(4, "shift training pictures by up to so many pixels", ge=0, le=32)
    scale: float = option(1.0, "zoom into training pictures, to at least this share of their sides", gt=0, le=1)
    colour: float = option(0.0, "vary colour, contrast and brightness of training pictures by this share", ge=0, lt=1)

    @cached_property
    def store(self) -> Store:
        """The decoded data set; opened when first asked."""
        from phosphene_tinyimagenet.cache import open_store  # decoding and its imports only now

        return open_store(self.path)

    def size(self, split: str) -> int:
        return len(self._split(split).labels)

    def batch(self, split: str, rows: Array, rng: np.random.Generator | None = None) -> Batch:
        part = self._split(split)
        rows = np.asarray(rows, np.intp)
        images = self._augmented(part.images[rows], rng) if rng is not None and len(rows) else part.images[rows]
        batch = {"images": np.subtract(images, self.store.mean, dtype=np.float32)}
        if (part.labels >= 0).all():
            batch["labels"] = part.labels[rows]
        return batch

    def facts(self) -> dict[str, Any]:
        """The mean training image (3, H, W), and the classes' names and WordNet ids."""
        return {"mean": self.store.mean, "class_names": self.store.class_names, "class_ids": self.store.class_ids}

    def pixels(self, split: str, rows: Array) -> Array:
        """The pictures at `rows` as people see them: (N, H, W, 3) uint8."""
        return self._split(split).images[np.asarray(rows, np.intp)].transpose(0, 2, 3, 1)

    def boxes(self, split: str) -> Array:
        """The object's box in each picture (N, 4): left, top, right, bottom pixel, both ends in; -1 where not told."""
        return self._split(split).boxes

    def files(self, split: str) -> tuple[str, ...]:
        """Each picture's file, as named inside the folder or zip."""
        return self._split(split).files

    def _split(self, split: str) -> Split:
        if split not in self.splits:
            raise unknown("split", split, self.splits)
        return self.store.splits[split]

    def _augmented(self, images: Array, rng: np.random.Generator) -> Array:
        if self.flip:
            images = augment.flipped(images, rng)
        if self.scale < 1:
            images = augment.zoomed(images.astype(np.float32), self.scale, self.crop, rng)
        elif self.crop:
            images = augment.shifted(images, self.crop, rng)
        if self.colour:
            images = augment.recoloured(images.astype(np.float32), self.colour, rng)
        return images
