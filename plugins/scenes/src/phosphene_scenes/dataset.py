"""The data set: scenes, captions and masks by split and row."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any, ClassVar

import attrs
import numpy as np

from phosphene_core.dataset import Batch, Dataset
from phosphene_core.errors import NotFoundError, SettingError, unknown
from phosphene_core.layer import Array
from phosphene_core.options import option
from phosphene_core.threads import threads
from phosphene_scenes import render
from phosphene_scenes.grammar import END, START, UNKNOWN, Grammar
from phosphene_scenes.layout import COLOURS, Layout, draw
from phosphene_scenes.masks import Masks, masks_of
from phosphene_scenes.scene import Scene, is_true
from phosphene_scenes.shapes import SHAPES

KEEP_BYTES = 1 << 30
MEAN_OF = 1000
CHUNK = 128


def _known(kind: str, names: Any) -> Any:
    def check(values: tuple[str, ...]) -> str | None:
        if strange := [v for v in values if v not in names]:
            return f"are wrong: {unknown(kind, strange[0], names)}"
        return None if values and len(set(values)) == len(values) else "must be one or more different names"

    return check


@attrs.frozen
class Scenes(Dataset):
    """Rendered scenes of coloured shapes with captions that are true of them, made on the spot.

    A batch holds `images` (N, 3, H, W) float32 in 0..255 less the mean image, `captions` (N, T) integers in the course's
    layout (<START>=1, words, <END>=2, then <NULL>=0), and `labels` (N, kinds) bool: which kinds of thing ("red circle")
    are there. A scene depends on the seed, the split and its row alone, and no scene is in two splits. Rendered pictures
    are kept in memory up to a gigabyte.
    """

    splits: ClassVar[tuple[str, ...]] = ("train", "val", "test")

    count: int = option(10_000, "scenes to train on", ge=1)
    held_out: int = option(1000, "scenes to validate on, and as many to test on", ge=0)
    side: int = option(64, "side of a picture in pixels", ge=16, le=4096)
    objects: int = option(2, "most objects in a scene", ge=1, le=3)
    shapes: tuple[str, ...] = option(
        ("circle", "square", "triangle", "star", "cross"),
        f"shapes ({', '.join(SHAPES)})",
        check=_known("shape", SHAPES),
    )
    colours: tuple[str, ...] = option(
        ("red", "green", "blue", "yellow", "purple", "orange"),
        f"colours ({', '.join(COLOURS)})",
        check=_known("colour", COLOURS),
    )
    novel: bool = option(False, "validate and test on sentences that training never shows")
    seed: int = option(0, "seed of all scenes", ge=0)

    def __attrs_post_init__(self) -> None:
        if len(self.shapes) * len(self.colours) < self.objects:
            raise SettingError(f"{self.objects} objects that differ need more shapes or colours")

    @classmethod
    def example(cls, rng: np.random.Generator) -> "Scenes":
        """A few small scenes, for `phosphene check`."""
        return cls(count=20, held_out=5, side=32, seed=int(rng.integers(1 << 16)))

    @cached_property
    def grammar(self) -> Grammar:
        """The sentences that captions are, to list, to sample and to parse."""
        return Grammar(self.shapes, self.colours, self.objects)

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """The word of each token: <NULL>, <START>, <END>, <UNK>, then the words."""
        return self.grammar.words

    def size(self, split: str) -> int:
        if split not in self.splits:
            raise unknown("split", split, self.splits)
        return self.count if split == "train" else self.held_out

    def batch(self, split: str, rows: Array, rng: np.random.Generator | None = None) -> Batch:
        pictures, captions = self._made(split, np.asarray(rows, np.intp))
        images = np.subtract(pictures, self.mean, dtype=np.float32)
        return {"images": images, "captions": captions, "labels": self._labels(captions)}

    def facts(self) -> dict[str, Any]:
        """The mean image (3, H, W), the vocabulary, and the kinds of thing as class names."""
        return {"mean": self.mean, "vocabulary": self.vocabulary, "class_names": self.grammar.kinds}

    @cached_property
    def mean(self) -> Array:
        """The mean (3, H, W) float32 of the first thousand training pictures."""
        rows = np.arange(min(self.count, MEAN_OF))
        total = sum(self._made("train", r)[0].sum(axis=0, dtype=np.uint64) for r in _chunks(rows))
        return np.asarray(total / len(rows), np.float32)

    def pixels(self, split: str, rows: Array) -> Array:
        """The pictures at `rows` as people see them: (N, H, W, 3) uint8."""
        return self._made(split, np.asarray(rows, np.intp))[0].transpose(0, 2, 3, 1)

    def backgrounds(self, split: str, rows: Array) -> Array:
        """The same scenes with nothing in them, as a model takes them: (N, 3, H, W) float32 less the mean image."""
        empty = render.background(self._layout(split, np.asarray(rows, np.intp)), self.side)
        return np.subtract(np.clip(np.rint(empty), 0, 255), self.mean, dtype=np.float32)

    def pictures(self, split: str, limit: int | None = None) -> tuple[Array, list[list[str]]]:
        """The images (P, 3, H, W) of a split as a model takes them, and all captions of each (here one): what captions
        are judged by."""
        rows = np.arange(self.size(split))[:limit]
        batch = self.batch(split, rows)
        words = np.array(self.vocabulary, object)
        return batch["images"], [[" ".join(words[row[row > UNKNOWN]])] for row in batch["captions"]]

    def scene(self, split: str, index: int) -> Scene:
        """What is in a picture: its things with their words, places and radii."""
        return self._layout(split, np.array([index])).scene(0)

    def sentence(self, split: str, index: int) -> str:
        """The caption of a picture."""
        return str(self.scene(split, index).sentence)

    def masks(self, split: str, index: int) -> Masks:
        """Where in a picture each object and each word of the caption is."""
        drawn = self._layout(split, np.array([index]))
        return masks_of(drawn.scene(0), render.covered(drawn, self.side)[0, : drawn.count[0]])

    def is_true(self, sentence: str, scene: Scene) -> bool:
        """Whether the sentence is true of the scene; it may leave out sizes and colours. `GrammarError` for a sentence
        that says nothing about scenes."""
        return is_true(self.grammar.parse(sentence), scene)

    def _layout(self, split: str, rows: Array) -> Layout:
        self._check_rows(split, rows)
        return draw(self.grammar, self.seed, split, rows, self.novel)

    def _check_rows(self, split: str, rows: Array) -> None:
        count = self.size(split)
        if len(rows) and (rows.min() < 0 or rows.max() >= count):
            raise NotFoundError(f"the split '{split}' has rows 0 to {count - 1}, not {rows.min()} to {rows.max()}")

    def _made(self, split: str, rows: Array) -> tuple[Array, Array]:
        """Pictures (N, 3, H, W) uint8 and captions (N, T), from memory as far as they are there."""
        if self.size(split) * 3 * self.side**2 > KEEP_BYTES:
            return self._make(split, rows)
        if split not in self._kept:
            shape = (self.size(split), 3, self.side, self.side)
            self._kept[split] = (np.zeros(shape, np.uint8), np.zeros((shape[0], self.grammar.length), np.int64))
        pictures, captions = self._kept[split]
        self._check_rows(split, rows)
        new = np.unique(rows)
        new = new[captions[new, 0] != START]

        def fill(some: Array) -> None:
            pictures[some], captions[some] = self._make(split, some)

        if len(new) <= CHUNK:
            if len(new):
                fill(new)
        else:
            with ThreadPoolExecutor(threads()) as pool:
                list(pool.map(fill, _chunks(new)))
        return pictures[rows], captions[rows]

    def _make(self, split: str, rows: Array) -> tuple[Array, Array]:
        drawn = self._layout(split, rows)
        captions = np.zeros((len(rows), self.grammar.length), np.int64)
        for i in range(len(rows)):
            tokens = [START, *(self._index[w] for w in str(drawn.scene(i).sentence).split()), END]
            captions[i, : len(tokens)] = tokens
        return render.render(drawn, self.side), captions

    def _labels(self, captions: Array) -> Array:
        """Which kinds of thing captions (N, T) name, (N, kinds) bool: every shape with the colour before it."""
        colour, shape = (self._index[first] for first in (self.colours[0], self.shapes[0]))
        row, place = np.nonzero((captions >= shape) & (captions < shape + len(self.shapes)))
        labels = np.zeros((len(captions), len(self.colours) * len(self.shapes)), bool)
        labels[row, (captions[row, place - 1] - colour) * len(self.shapes) + captions[row, place] - shape] = True
        return labels

    @cached_property
    def _index(self) -> dict[str, int]:
        return {word: i for i, word in enumerate(self.vocabulary)}

    @cached_property
    def _kept(self) -> dict[str, tuple[Array, Array]]:
        return {}


def _chunks(rows: Array) -> Iterator[Array]:
    return (rows[i : i + CHUNK] for i in range(0, len(rows), CHUNK))
