"""One batch through an attribution technique: maps, their pictures, and what is told of each."""

import time
from pathlib import Path
from typing import Any

import numpy as np

from phosphene_core.errors import FileError, PhospheneError
from phosphene_core.heatmap import Scale, draw, overlay, with_legend
from phosphene_core.image import encode, resize
from phosphene_registry.outcome import facts_of, plain, predictions, target_of
from phosphene_registry.pictures import Photograph

BATCH = 16


def explain(
    technique: Any, name: str, model: Any, objective: Any, photographs: list[Photograph], seed: int, folder: Path
) -> list[dict[str, Any]]:
    """Explain pictures of one shape; write each one's picture, map and overlay into `folder`, and describe them."""
    started = time.perf_counter()
    images = np.concatenate([p.images for p in photographs])
    question = objective.bound(model, images)
    result = technique.attribute(model, images, question, np.random.default_rng(seed))
    said = predictions(model, np.concatenate([p.square for p in photographs]))
    seconds = (time.perf_counter() - started) / len(photographs)
    told = []
    for i, photograph in enumerate(photographs):
        one = question.select(np.array([i]))
        asked = one.describe(model)
        try:
            files, scale = _draw(photograph, result.maps[i], f"{name.replace('_', ' ')}: {asked}", folder)
        except FileError:  # the disk, not the map
            raise
        except PhospheneError as error:
            raise PhospheneError(f"{photograph.path}: {error}; try another target, layer or model") from None
        blank = bool(result.blank[i])
        told.append({
            "image": str(photograph.path),
            "size": list(photograph.size),
            "files": files,
            "objective": asked,
            "target": target_of(model, one),
            "value": plain(result.values[i]),
            "prediction": said[i],
            "map": {"shape": list(result.maps[i].shape), "least": plain(result.maps[i].min()),
                    "most": plain(result.maps[i].max()), "signed": scale.signed, "blank": blank},
            "facts": facts_of(result.facts, i, len(photographs)),
            "seconds": round(seconds, 4),
        })  # fmt: skip
    return told


def _draw(photograph: Photograph, values: Any, caption: str, folder: Path) -> tuple[dict[str, str], Scale]:
    shown = photograph.shown
    scale = Scale.of(values)
    large = resize(np.asarray(values, np.float32), *shown.shape[:2])
    pictures = {
        "picture": shown,
        "map": with_legend(draw(large, scale), scale, caption),
        "overlay": with_legend(overlay(shown, large, scale), scale, caption),
    }
    files = {}
    for kind, picture in pictures.items():
        files[kind] = f"{photograph.name}-{kind}.png"
        encode(picture, folder / files[kind])
    return files, scale
