"""Captions and what they are of, as a data set: features on the disk, or pictures."""

from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import attrs
import numpy as np

from phosphene_captioning.vocabulary import Vocabulary
from phosphene_coco import captioned, layout
from phosphene_coco.feature_source import FeatureSource
from phosphene_coco.picture_source import PictureSource
from phosphene_coco.place import Place
from phosphene_coco.references import References
from phosphene_coco.rows import Rows
from phosphene_core.dataset import Batch, Dataset
from phosphene_core.errors import EmptyError, FileError, unknown
from phosphene_core.layer import Array
from phosphene_core.options import option


@attrs.frozen
class CocoCaptions(Dataset):
    """Captions with feature vectors, in the layout of CS231n's `coco_captioning`; or with pictures, from COCO's own
    `captions_*.json` or Flickr8k's and 30k's lists. Each from a folder or a zip.

    Batches hold `captions` (N, T) int and `features` (N, D) float32, or `images` (N, 3, side, side) float32 in 0..255 less
    the mean image; one example is one caption. With `references`, also `references` (N, R, T): all captions of its picture. The splits of what has none: by name order, 80% train, 10% val, 10% test.
    """

    splits: ClassVar[tuple[str, ...]] = ("train", "val", "test")

    path: str = option(
        help="the folder coco_captioning, one that `data prepare captions` wrote, or pictures with captions; or a zip"
    )
    pca: bool = option(True, "the reduced features (512 columns in the course's files) rather than all 4,096")
    side: int = option(64, "side in pixels to which pictures are brought", ge=8, le=1024)
    least: int = option(2, "how often a word must occur in the training captions of pictures to be known", ge=1)
    length: int = option(17, "tokens of a picture's caption, <START> and <END> included", ge=3)
    skip_missing: bool = option(False, "leave out pictures that are missing or damaged, and say how many")
    references: bool = option(False, "give with each caption the others of its picture: a self-critical captioner needs them")

    @cached_property
    def source(self) -> FeatureSource | PictureSource:
        """What the path turns out to hold."""
        path = Path(self.path)
        for folder in (path, path / "coco_captioning"):
            if (folder / layout.CAPTIONS).exists():
                return FeatureSource(folder, self.pca)
        place = Place(path)
        if path.is_file() and (captions := place.find(layout.CAPTIONS)):
            return FeatureSource.zipped(place, captions, self.pca)
        if captioned.is_listed(place):
            return PictureSource(place, self.side, self.least, self.length, self.skip_missing)
        raise FileError(
            f"{path} holds no captions: neither {layout.CAPTIONS} (the course's layout), nor captions_*.json (COCO), nor "
            "captions.txt or another list of Flickr's"
        )

    @property
    def vocabulary(self) -> Vocabulary:
        return self.source.vocabulary

    def split(self, name: str) -> Any:
        """What a split holds, read when it is first asked for."""
        return self.source.split(name)

    def size(self, split: str) -> int:
        if split not in self.splits:
            raise unknown("split", split, self.splits)
        return self.source.size(split)

    def check_split(self, split: str) -> None:
        """`NotFoundError` for an unknown split, `EmptyError` for an empty one."""
        if self.size(split) == 0:
            raise EmptyError(f"{self.source.where(split)} is empty")

    def batch(self, split: str, rows: Array, rng: np.random.Generator | None = None) -> Batch:
        batch = self.source.batch(split, rows)
        if not self.references:
            return batch
        found = self._said(split)
        return {**batch, "references": found.of(found.pictures[rows])}

    def facts(self) -> dict[str, Any]:
        return self.source.facts() | ({"references": self._said("train").some()} if self.references else {})

    def _said(self, split: str) -> References:
        if split not in self._kept:
            part = self.source.split(split)
            self._kept[split] = References(part.captions, part.pictures if isinstance(part, layout.Split) else part.of)
        return self._kept[split]

    @cached_property
    def _kept(self) -> dict[str, References]:
        return {}

    def pictures(self, split: str, limit: int | None = None) -> tuple[Rows, list[list[str]]]:
        """The features (P, D) or images of the split's pictures, read slice by slice, and all captions of each: what captions
        are judged by."""
        return self.source.pictures(split, limit)

    def picture_names(self, split: str, limit: int | None = None) -> list[str]:
        """The name of each of these pictures: its file, its address, or its row."""
        return self.source.picture_names(split, limit)
