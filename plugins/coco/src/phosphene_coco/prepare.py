"""From pictures with captions to the course's layout: vocabulary, features of an encoder, PCA."""

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import numpy as np

from phosphene_captioning.reduction import Reduction
from phosphene_captioning.vocabulary import NULL, words_of
from phosphene_coco import layout
from phosphene_coco.captioned import Splits, vocabulary_of
from phosphene_coco.looking import look_at
from phosphene_coco.place import Place
from phosphene_core.errors import FileError, SettingError
from phosphene_core.layer import Array, Need, Pass
from phosphene_core.lock import locked
from phosphene_core.model import ImageModel
from phosphene_core.wholefile import whole_folder

ROWS = 4096
"""Rows of features in double precision at a time."""


@attrs.frozen
class Prepared:
    """What was done: pictures and captions by split, words, pictures left out, numbers in a feature vector, share of variance
    that PCA kept."""

    pictures: dict[str, int]
    captions: dict[str, int]
    words: int
    missing: tuple[str, ...]
    width: int
    kept_variance: float


def prepare(
    place: Place,
    splits: Splits,
    encoder: ImageModel,
    activation: str,
    folder: Path,
    *,
    encoder_name: str = "",
    dimensions: int | None = None,
    least: int = 2,
    length: int = 17,
    skip_missing: bool = False,
    progress: Callable[[int], None] = lambda done: None,
) -> Prepared:
    """Write `folder` in the course's layout. `dimensions`: PCA fitted on the training pictures (None for no PCA; the
    mean is then zero and the basis the identity); the basis goes to `reduction.h5` with `encoder_name`, by which the
    encoder is found again, so that a new photograph can be described. `least`: how often a word must occur in the training captions."""
    listed = [picture for pictures in splits.values() for picture in pictures]
    if not skip_missing:  # said before hours of work, not after
        for picture in listed:
            picture.found_in(place)
    words: list[list[list[str]]] = []

    def looked(count: int) -> None:  # the captions' words are found meanwhile
        words.extend([words_of(c) for c in p.captions] for p in listed[len(words) : len(words) + count])
        progress(count)

    with _held(folder):
        if dimensions is not None:
            _fits(dimensions, encoder, activation)
        seen = look_at(place, splits, encoder, activation, skip_missing, looked)
        kept, features = seen.pictures, seen.features
        if not len(features.get("train", ())):
            raise FileError(f"{place.path} holds no training pictures")
        center, basis, variance = reduction(features["train"], dimensions)
        said = {id(p): w for p, w in zip(listed, words, strict=True)}
        sentences = {s: [said[id(p)] for p in pictures] for s, pictures in kept.items()}
        vocabulary = vocabulary_of(place, (w for p in sentences["train"] for w in p), least)
        written = {}
        for split, pictures in kept.items():
            rows = [(i, w) for i, words in enumerate(sentences[split]) for w in words if w]
            captions = vocabulary.encode_all([w for _, w in rows], length)
            index = np.array([i for i, _ in rows], np.int32)
            urls = [p.url or p.file for p in pictures]
            reduced = features[split].reshape(-1, len(center))  # a split may have no pictures
            if basis.shape[1] < len(center):
                reduced = (reduced - center) @ basis
            written[split] = (captions, index, reduced, urls, [p.file for p in pictures])
        with whole_folder(folder) as new:
            layout.write(new, vocabulary, written, pca=True)
            Reduction(encoder_name, activation, center, basis).save(new)
        for split in {"train", "val", "test"} - written.keys():
            layout.forget(folder, split)
    counts = {s: int((w[0] != NULL).any(axis=1).sum()) for s, w in written.items()}
    return Prepared({s: len(p) for s, p in kept.items()}, counts, len(vocabulary), seen.missing, basis.shape[1], variance)


@contextlib.contextmanager
def _held(folder: Path) -> Iterator[None]:
    """`folder` is this run's alone for the block. `FileError` if another run is writing it, or if it could not be written."""

    def busy() -> None:
        raise FileError(f"another run is writing {folder}; wait for it, or name another folder")

    place = folder.resolve()
    if place.exists() and not (place.is_dir() and os.access(place, os.W_OK)):
        raise FileError(f"{folder} is {'a folder that cannot be written' if place.is_dir() else 'a file, not a folder'}")
    above = next(p for p in place.parents if p.exists())
    if not (above.is_dir() and os.access(above, os.W_OK)):
        raise FileError(f"{folder} cannot be written: {above} {'grants no new folder' if above.is_dir() else 'is a file, not a folder'}")
    with locked(place.parent / f".{place.name}.lock", busy) as lock:
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                lock.rmdir()


def _fits(dimensions: int, encoder: ImageModel, activation: str) -> None:
    """`SettingError` if the activation has fewer numbers than PCA is to leave."""
    seen = encoder.trace(np.zeros((1, *encoder.input_shape), np.float32), upto=activation, run=Pass(need=Need.NOTHING))
    width = seen[activation].shape[1]
    if dimensions > width:
        raise SettingError(f"{activation} has {width:,} numbers, of which PCA (--dimensions) cannot make {dimensions:,}")


def reduction(features: Array, dimensions: int | None) -> tuple[Array, Array, float]:
    """PCA: the mean (D,), the basis (D, K) of the strongest directions, and the share of variance that they keep."""
    width = features.shape[1]
    if dimensions is None or dimensions >= width:
        return np.zeros(width, np.float32), np.eye(width, dtype=np.float32), 1.0
    center = features.mean(axis=0, dtype=np.float64)
    spread = np.zeros((width, width))
    for start in range(0, len(features), ROWS):
        centered = features[start : start + ROWS] - center
        spread += centered.T @ centered
    values, vectors = np.linalg.eigh(spread)
    values = np.maximum(values[::-1], 0)
    basis = vectors[:, ::-1][:, :dimensions]
    share = float(values[:dimensions].sum() / max(values.sum(), 1e-30))
    return center.astype(np.float32), np.ascontiguousarray(basis, np.float32), share

