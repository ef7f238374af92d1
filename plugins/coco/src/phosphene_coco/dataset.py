"""The course's captions as a data set: features on the disk, captions in memory."""

from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import attrs
import numpy as np

from phosphene_captioning.vocabulary import Vocabulary
from phosphene_coco import layout
from phosphene_core.dataset import Batch, Dataset
from phosphene_core.errors import FileError
from phosphene_core.layer import Array
from phosphene_core.options import option


@attrs.frozen
class CocoCaptions(Dataset):
    """Captions and feature vectors in the layout of CS231n's `coco_captioning` folder.

    Batches hold `features` (N, D) float32 and `captions` (N, T) int; one example is one caption. Folders that
    `phosphene data prepare captions` wrote have a third split, `test`, where their source had one.
    """

    splits: ClassVar[tuple[str, ...]] = ("train", "val", "test")

    path: str = option(help="the folder coco_captioning, or one that `data prepare captions` wrote")
    pca: bool = option(True, "the reduced features (512 columns in the course's files) rather than all 4,096")

    @cached_property
    def vocabulary(self) -> Vocabulary:
        return layout.read_vocabulary(self.folder)

    @cached_property
    def folder(self) -> Path:
        folder = Path(self.path)
        if not folder.is_dir():
            raise FileError(f"{folder} is not a folder")
        inside = folder / "coco_captioning"
        return inside if not (folder / layout.CAPTIONS).exists() and inside.is_dir() else folder

    @cached_property
    def _read(self) -> dict[str, layout.Split]:
        return {}

    def split(self, name: str) -> layout.Split:
        """A split's arrays, read when they are first asked for."""
        if name not in self._read:
            self._read[name] = layout.read_split(self.folder, name, len(self.vocabulary), self.pca)
        return self._read[name]

    def size(self, split: str) -> int:
        if split == "test" and not (self.folder / layout.features_file("test", self.pca)).exists():
            return 0
        return len(self.split(split).captions)

    def batch(self, split: str, rows: Array, rng: np.random.Generator | None = None) -> Batch:
        part = self.split(split)
        return {"features": layout.rows_of(part.features, part.pictures[rows]), "captions": part.captions[rows]}

    def facts(self) -> dict[str, Any]:
        return {"vocabulary": self.vocabulary.words, "features": int(self.split("train").features.shape[1])}

    def pictures(self, split: str, limit: int | None = None) -> tuple[Array, list[list[str]]]:
        """The features (P, D) of the split's pictures, and all captions of each: what captions are judged by."""
        part = self.split(split)
        wanted = np.unique(part.pictures)[:limit]
        said: dict[int, list[str]] = {int(i): [] for i in wanted}
        for row, picture in zip(part.captions, part.pictures, strict=True):
            if int(picture) in said:
                said[int(picture)].append(self.vocabulary.decode(row))
        return layout.rows_of(part.features, wanted), list(said.values())
