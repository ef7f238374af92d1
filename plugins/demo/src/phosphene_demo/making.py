"""A generation technique at work: what it starts from, what it makes, and in words what came of it."""

import time
from pathlib import Path
from typing import Any

import numpy as np

from phosphene_core import ImageModel, Objective, PhospheneError
from phosphene_core.change import enlarged_change
from phosphene_core.image import encode, resize
from phosphene_core.layer import Array
from phosphene_demo.markup import SIDE, figure
from phosphene_demo.photographs import Photograph

LONGEST = 240  # longest side of a whole photograph that a technique works on


def making(
    registry: Any, made: Any, question: str, model: ImageModel, photo: Photograph, file: Path, seconds: float, seed: int
) -> str:
    """The figure of one technique asked one question: the start beside the result, unless it starts from nothing, and the
    change beside both where it can hardly be seen. It is stopped after so many seconds."""
    images = _start(model, made.picture, photo)
    objective = registry.resolve(Objective, question).bound(model, images)
    started = time.monotonic()
    last = None
    for frame in made.frames(model, images, objective, np.random.default_rng(seed)):
        last = frame
        if time.monotonic() - started > seconds:
            break
    if last is None:
        raise PhospheneError("it made no picture")
    before, after = (model.deprocess(x[:1])[0] for x in (images, last.images))
    shown = {"": after} if made.picture == "none" else {"-before": before, "": after}
    told = [objective.describe(model), *_seen(model, objective, *shown.values()), *_facts(last.facts)]
    if made.picture != "none" and (change := enlarged_change(before, after)) is not None:
        shown["-change"] = change[0]
        told.append(f"on the right the change, {change[1]} times")
    if last.step < last.steps:
        told.append(f"stopped after {last.step} of {last.steps} steps")
    files = [file.with_stem(file.stem + end) for end in shown]
    for path, picture in zip(files, shown.values(), strict=True):
        scale = SIDE / max(picture.shape[:2])
        encode(resize(picture, round(picture.shape[0] * scale), round(picture.shape[1] * scale)), path)
    return figure([path.name for path in files], "; ".join(told), wide=len(files) > 1)


def _seen(model: ImageModel, objective: Objective, *pictures: Array) -> list[str]:
    """For a question about a class, what the model takes each picture for: `the model sees tabby 93%, then pretzel 50%`."""
    if not hasattr(objective, "target"):
        return []
    probabilities = model.predict(model.preprocess(list(pictures)))
    seen = [f"{short_name(model, int(p.argmax()))} {100 * p.max():.0f}%" for p in probabilities]
    return [f"the model sees {', then '.join(seen)}"]


def _facts(facts: dict[str, Any]) -> list[str]:
    """What was found in words: `caption before “a man on a bench”`."""
    return [
        f"{name.replace('_', ' ')} “{fact[0]}”"
        for name, fact in facts.items()
        if isinstance(fact, np.ndarray) and fact.dtype.kind == "U" and len(fact) > 0
    ]


def _start(model: ImageModel, kind: str, photo: Photograph) -> Array:
    if kind == "whole":
        height, width = photo.picture.shape[:2]
        scale = LONGEST / max(height, width)
        return model.preprocess([resize(photo.picture, round(height * scale), round(width * scale))], square=False)
    return model.preprocess([photo.picture])


def short_name(model: ImageModel, index: int) -> str:
    """A class's first name."""
    return model.class_names[index].split(",")[0] if model.class_names else f"class {index}"
