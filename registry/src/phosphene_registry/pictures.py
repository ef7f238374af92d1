"""The pictures that a user means: files, folders and patterns, each with a name for what is made of it."""

import glob
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from phosphene_core.errors import FileError
from phosphene_core.image import SUFFIXES, center_crop, decode, resize
from phosphene_core.layer import Array

LARGEST = 2048
SHOWN_LEAST, SHOWN_MOST = 384, 512


@attrs.frozen(eq=False)
class Photograph:
    """One picture: its name, where it came from, what the model is given, and what people are shown.

    `images` (1, 3, H, W), the model's input; `square` (1, 3, S, S), the same cut to the model's own size; `shown`
    (H', W', 3) uint8, the same part of the picture at a size for eyes.
    """

    name: str
    path: Path
    size: tuple[int, int]
    images: Array
    square: Array
    shown: Array


def expand(arguments: Iterable[str]) -> list[Path]:
    """Files, the pictures in folders, and what patterns match, each once. `FileError` if an argument gives nothing."""
    found: dict[Path, None] = {}
    for argument in arguments:
        place = Path(argument)
        if place.is_dir():
            inside = sorted(p for p in place.iterdir() if p.suffix.lower() in SUFFIXES and p.is_file())
            if not inside:
                kinds = ", ".join(s[1:] for s in SUFFIXES)
                raise FileError(f"the folder {argument} holds no pictures ({kinds})")
            found |= dict.fromkeys(inside)
        elif place.exists() or not glob.has_magic(argument):
            found[place] = None
        else:
            matches = sorted(glob.glob(argument, recursive=True))
            matching = [Path(p) for p in matches if Path(p).is_file()]
            if not matching:
                raise FileError(f"no file matches {argument}")
            found |= dict.fromkeys(matching)
    return list(found)


def named(paths: Iterable[Path]) -> list[tuple[str, Path]]:
    """A name for each file, its stem; where stems repeat, with a number."""
    used: set[str] = set()
    result = []
    for path in paths:
        name, number = path.stem, 2
        while name.lower() in used:
            name, number = f"{path.stem}-{number}", number + 1
        used.add(name.lower())
        result.append((name, path))
    return result


def read(name: str, path: Path, model: Any, whole: bool, max_side: int) -> Photograph:
    """Decode one picture for a model; `whole` keeps its shape, `max_side` then bounds its longer side."""
    picture = decode(path, max_side=max_side if whole else LARGEST)
    square = model.preprocess([picture])
    if whole:
        return Photograph(name, path, _size(picture), model.preprocess([picture], square=False), square, picture)
    _, height, width = model.input_shape
    part = center_crop(picture, height / width)
    return Photograph(name, path, _size(picture), square, square, shown(part))


def shown(picture: Array) -> Array:
    """A picture at a size for eyes: its shorter side from 384 to 512 pixels."""
    shorter = min(picture.shape[:2])
    wanted = min(max(shorter, SHOWN_LEAST), SHOWN_MOST)
    return resized(picture, wanted / shorter)


def resized(picture: Array, factor: float) -> Array:
    """A picture at `factor` times its size."""
    height, width = (max(1, round(s * factor)) for s in picture.shape[:2])
    return np.asarray(resize(picture, height, width))


def _size(picture: Array) -> tuple[int, int]:
    return int(picture.shape[0]), int(picture.shape[1])
