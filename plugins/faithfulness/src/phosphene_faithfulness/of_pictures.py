"""Questions about photographs: where the thing is nobody knows, but a model can be asked."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from phosphene_core.baseline import baseline
from phosphene_core.errors import FileError, PhospheneError
from phosphene_core.image import SUFFIXES, decode
from phosphene_core.layer import Array
from phosphene_core.model import ImageModel
from phosphene_faithfulness.questions import Questions
from phosphene_objectives import ClassScore

BATCH = 16
LARGEST = 2048


def of_pictures(model: ImageModel, pictures: Sequence[Array], target: str | None, cover: str) -> list[Questions]:
    """The model's own prediction, or the class `target`, asked of pictures (H, W, 3) uint8, each cut to the model's
    square. `cover`: what stands for nothing to see, as for `phosphene_core.baseline`."""
    if not model.class_names:
        raise PhospheneError("this model has no classes to ask about in photographs; captioners are judged on scenes")
    found = []
    for first in range(0, len(pictures), BATCH):
        images = model.preprocess(pictures[first : first + BATCH])
        objective = ClassScore(target).bound(model, images)
        wanted = np.asarray(objective.target, np.intp)
        words = tuple(model.class_names[t].split(",")[0] for t in wanted)
        found.append(Questions(model, images, objective, baseline(model, images, cover), words, target=wanted))
    return found


def read(places: Sequence[Path]) -> list[Array]:
    """The pictures in files and folders."""
    found: list[Path] = []
    for place in places:
        inside = sorted(p for p in place.iterdir() if p.suffix.lower() in SUFFIXES) if place.is_dir() else [place]
        if not inside:
            raise FileError(f"the folder {place} holds no pictures")
        found += inside
    return [decode(path, max_side=LARGEST) for path in found]
