"""Captions with feature vectors: the course's `coco_captioning` folder, or a zip of it."""

import tempfile
from functools import cached_property
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from phosphene_captioning.vocabulary import Vocabulary
from phosphene_coco import layout
from phosphene_coco.place import Place
from phosphene_coco.rows import Rows
from phosphene_core.dataset import Batch
from phosphene_core.errors import FileError
from phosphene_core.layer import Array


@attrs.frozen(eq=False)
class FeatureSource:
    """`folder`: where the files lie. `inside`: the zip that they are in and their folder there, of which `folder` holds
    what has been asked for."""

    folder: Path
    pca: bool
    inside: tuple[Place, str] | None = None
    scratch: Any = None

    @classmethod
    def zipped(cls, place: Place, captions: str, pca: bool) -> "FeatureSource":
        """From a zip that holds `captions` (…/coco2014_captions.h5): each file is unpacked, when it is first asked for, into
        a folder that goes away with the process."""
        scratch = tempfile.TemporaryDirectory(prefix="coco_captioning-")
        return cls(Path(scratch.name), pca, (place, captions.removesuffix(layout.CAPTIONS)), scratch)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        self._unpack(layout.WORDS)
        return layout.read_vocabulary(self.folder)

    @cached_property
    def _read(self) -> dict[str, layout.Split]:
        return {}

    def split(self, name: str) -> layout.Split:
        """A split's arrays, read when they are first asked for. `FileError` if it has no caption."""
        if name not in self._read:
            self._unpack(layout.CAPTIONS, layout.features_file(name, self.pca), *layout.names_files(name))
            found = layout.read_split(self.folder, name, len(self.vocabulary), self.pca)
            for other, part in self._read.items():
                if part.features.shape[1] != found.features.shape[1]:
                    raise FileError(
                        f"{found.features.path}: features have {found.features.shape[1]} columns; those of {other} have "
                        f"{part.features.shape[1]} ({part.features.path.name})"
                    )
            self._read[name] = found
        return self._read[name]

    def size(self, split: str) -> int:
        file = layout.features_file(split, self.pca)
        if split == "test" and not (self.folder / file).exists() and not self._holds(file):
            return 0
        return len(self.split(split).captions)

    def batch(self, split: str, rows: Array) -> Batch:
        part = self.split(split)
        return {"features": part.features.rows(part.pictures[rows]), "captions": part.captions[rows]}

    def where(self, split: str) -> str:
        """What holds a split's captions, in words."""
        return f"{self.folder if self.inside is None else self.inside[0].path}: {split}_captions in {layout.CAPTIONS}"

    def facts(self) -> dict[str, Any]:
        table = self.split("train").features
        return {"vocabulary": self.vocabulary.words, "features": table.shape[1], "features_file": str(table.path)}

    def picture_names(self, split: str, limit: int | None) -> list[str]:
        part = self.split(split)
        wanted = np.unique(part.pictures)[:limit]
        return [part.names[i] if part.names else str(i) for i in wanted]

    def pictures(self, split: str, limit: int | None) -> tuple[Rows, list[list[str]]]:
        part = self.split(split)
        wanted = np.unique(part.pictures)[:limit]
        rows = np.flatnonzero(np.isin(part.pictures, wanted))
        said: dict[int, list[str]] = {int(i): [] for i in wanted}
        for row in rows:
            said[int(part.pictures[row])].append(self.vocabulary.decode(part.captions[row]))
        features = Rows((len(wanted), part.features.shape[1]), lambda which: part.features.rows(wanted[which]))
        return features, list(said.values())

    def _holds(self, file: str) -> bool:
        return self.inside is not None and self.inside[1] + file in self.inside[0].names

    def _unpack(self, *files: str) -> None:
        for file in files:
            if self._holds(file) and not (self.folder / file).exists():
                assert self.inside is not None
                self.inside[0].copy(self.inside[1] + file, self.folder / file)
