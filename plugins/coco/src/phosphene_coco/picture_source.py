"""Captions with pictures: COCO's JSON or Flickr's lists, in a folder or a zip, for captioners that learn from pixels."""

from functools import cached_property
from typing import Any

import attrs
import numpy as np

from phosphene_captioning.vocabulary import Vocabulary, words_of
from phosphene_coco.captioned import Splits, read, vocabulary_of
from phosphene_coco.pictures import Pictures
from phosphene_coco.place import Place
from phosphene_coco.rows import Rows
from phosphene_core.dataset import Batch
from phosphene_core.errors import FileError
from phosphene_core.layer import Array

MEAN_OF = 1000


@attrs.frozen(eq=False)
class PictureSource:
    """Pictures are cut to squares of `side` pixels; a word must occur `least` times in the training captions to be known;
    captions are cut to `length` tokens."""

    place: Place
    side: int
    least: int
    length: int
    skip_missing: bool

    @cached_property
    def listed(self) -> Splits:
        return read(self.place)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        captions = (words_of(c) for p in self.listed[self._teaching] for c in p.captions)
        return vocabulary_of(self.place, captions, self.least)

    @property
    def _teaching(self) -> str:
        """The split that words and the mean are taken from: train, or where there is none the first that holds pictures."""
        found = next((s for s in ("train", *self.listed) if self.listed.get(s)), None)
        if found is None:
            raise FileError(f"{self.place.path} lists no captions")
        return found

    @cached_property
    def _made(self) -> dict[str, Pictures]:
        return {}

    def split(self, name: str) -> Pictures:
        """A split, put together when it is first asked for."""
        if name not in self._made:
            listed = self.listed.get(name, [])
            self._made[name] = Pictures.of_split(
                self.place, listed, self.vocabulary, self.length, self.side, self.skip_missing
            )
        return self._made[name]

    def size(self, split: str) -> int:
        return len(self.split(split).captions)

    def batch(self, split: str, rows: Array) -> Batch:
        part = self.split(split)
        return {"images": self._less_mean(part.pixels(part.of[rows])), "captions": part.captions[rows]}

    def where(self, split: str) -> str:
        """What holds a split's captions, in words."""
        return f"{self.place.path}: the split {split}"

    def facts(self) -> dict[str, Any]:
        return {"vocabulary": self.vocabulary.words, "mean": self.mean}

    def picture_names(self, split: str, limit: int | None) -> list[str]:
        return [p.file for p in self.split(split).listed[:limit]]

    def pictures(self, split: str, limit: int | None) -> tuple[Rows, list[list[str]]]:
        part = self.split(split)
        some = part.listed[:limit]
        images = Rows((len(some), 3, self.side, self.side), lambda which: self._less_mean(part.pixels(which)))
        return images, [list(p.captions) for p in some]

    @cached_property
    def mean(self) -> Array:
        """The mean (3, side, side) of the first thousand training pictures."""
        train = self.split(self._teaching)
        some = train.pixels(np.arange(min(len(train.listed), MEAN_OF)))
        return np.asarray(some.mean(axis=0, dtype=np.float64), np.float32)

    def _less_mean(self, pixels: Array) -> Array:
        return np.subtract(pixels, self.mean, dtype=np.float32)
