"""The course's `coco_captioning` folder, read and written: captions, which picture each is of, features, words, URLs."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs
import h5py
import numpy as np

from phosphene_captioning.vocabulary import Vocabulary
from phosphene_coco.feature_table import FeatureTable
from phosphene_core.errors import FileError, one_line
from phosphene_core.hdf5 import read_array, reading
from phosphene_core.layer import Array
from phosphene_core.textfile import read_text

CAPTIONS, WORDS = "coco2014_captions.h5", "coco2014_vocab.json"
SPLITS = ("train", "val")


def features_file(split: str, pca: bool) -> str:
    """The name of a split's feature file; the pictures are COCO's of 2014 and the network VGG-16 in the course's data."""
    return f"{split}2014_vgg16_fc7{'_pca' if pca else ''}.h5"


@attrs.frozen(eq=False)
class Split:
    """One split: captions (M, T) and the picture of each (M,), in memory; features (P, D) stay on the disk."""

    captions: Array
    pictures: Array
    features: FeatureTable
    names: tuple[str, ...]
    """Of the pictures (P,), their files or else their addresses; none where the folder does not tell."""


def read_vocabulary(folder: Path) -> Vocabulary:
    """`coco2014_vocab.json`: `idx_to_word`, a list (or an object keyed by the index)."""
    path = folder / WORDS
    try:
        words = json.loads(read_text(path))["idx_to_word"]
        if isinstance(words, dict):
            words = [words[str(i)] for i in range(len(words))]
        if not isinstance(words, list) or not all(isinstance(w, str) for w in words):
            raise TypeError("idx_to_word is not a list of words")
        return Vocabulary(tuple(words))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise FileError(f"{path} is no vocabulary ({type(error).__name__}: {one_line(error)})") from None
    except FileError as error:
        raise FileError(str(error) if str(path) in str(error) else f"{path}: {error}") from None


def read_split(folder: Path, split: str, words: int, pca: bool) -> Split:
    """One split, checked: every caption's words lie in the vocabulary, every picture in the features."""
    path = folder / CAPTIONS
    with reading(path, texts=False) as file:
        captions = read_array(file, f"{split}_captions")
        pictures = read_array(file, f"{split}_image_idxs")
    if captions.ndim != 2 or pictures.shape != captions.shape[:1]:
        raise FileError(f"{path}: {split}_captions {captions.shape} and {split}_image_idxs {pictures.shape} do not fit")
    if captions.dtype.kind not in "iu" or pictures.dtype.kind not in "iu":
        raise FileError(f"{path}: captions and image indexes must be whole numbers")
    _inside(captions.min(axis=1, initial=0), captions.max(axis=1, initial=0), words, f"{path}: {split}_captions", "word")
    where = folder / features_file(split, pca)
    features = FeatureTable.open(where)
    _inside(pictures, pictures, len(features), f"{path}: {split}_image_idxs", f"picture of {where.name}")
    return Split(captions, pictures, features, _names(folder, split, len(features)))


def names_files(split: str) -> tuple[str, str]:
    """The lists of a split's pictures: their files, their addresses."""
    return f"{split}2014_images.txt", f"{split}2014_urls.txt"


def _names(folder: Path, split: str, count: int) -> tuple[str, ...]:
    for listing in names_files(split):
        if (path := folder / listing).is_file():
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
            if len(lines) == count:
                return tuple(lines)
    return ()


def write(
    folder: Path,
    vocabulary: Vocabulary,
    splits: Mapping[str, tuple[Array, Array, Array, Sequence[str], Sequence[str]]],
    pca: bool,
) -> None:
    """Write a folder that anyone's code for the course's layout reads. `splits`: captions (M, T), picture indexes (M,),
    features (P, D), URLs and file names (P) by split name."""
    folder.mkdir(parents=True, exist_ok=True)
    with h5py.File(folder / CAPTIONS, "w") as file:
        for split, (captions, pictures, _, _, _) in splits.items():
            file[f"{split}_captions"] = captions.astype(np.int32)
            file[f"{split}_image_idxs"] = pictures.astype(np.int32)
    for split, (_, _, features, urls, files) in splits.items():
        with h5py.File(folder / features_file(split, pca), "w") as file:
            file["features"] = features.astype(np.float32)
        (folder / f"{split}2014_urls.txt").write_text("".join(f"{u}\n" for u in urls), encoding="utf-8")
        (folder / f"{split}2014_images.txt").write_text("".join(f"{f}\n" for f in files), encoding="utf-8")
    words = {"idx_to_word": list(vocabulary.words), "word_to_idx": vocabulary.index}
    (folder / WORDS).write_text(json.dumps(words), encoding="utf-8")


def forget(folder: Path, split: str) -> None:
    """Remove what an earlier run wrote of a split that is no longer there."""
    for name in (features_file(split, pca=True), *names_files(split)):
        (folder / name).unlink(missing_ok=True)


def _inside(low: Array, high: Array, count: int, where: str, what: str) -> None:
    wrong = np.flatnonzero((low < 0) | (high >= count))
    if len(wrong):
        row = int(wrong[0])
        value = int(low[row]) if low[row] < 0 else int(high[row])
        raise FileError(f"{where}, row {row}: there is no {what} {value}; there are {count}")
