"""Which class is meant: a name, an index, one index per picture, or the model's own prediction."""

from typing import Any

import numpy as np

from phosphene_core.errors import NotFoundError, PhospheneError, ShapeError
from phosphene_core.layer import Array

Target = str | int | tuple[int, ...] | None
"""A class name, id or index; one index per picture; None for the model's own prediction."""


def settle(target: Target, model: Any, images: Array, prediction: int = 0) -> tuple[int, ...]:
    """One class index per picture. None means the model's most probable class (`prediction` 1: the second one).

    `NotFoundError` for a class that the model does not know, `ShapeError` for the wrong number of targets.
    """
    if target is None:
        probabilities = model.predict(images)
        return tuple(int(i) for i in np.argsort(-probabilities, axis=1, kind="stable")[:, prediction])
    if isinstance(target, tuple):
        if len(target) != len(images):
            raise ShapeError(f"there are {len(target)} targets for {len(images)} pictures; give one for each")
        return tuple(int(t) for t in target)
    index: int = model.class_index(target) if isinstance(target, str) or model.class_names else target
    return (index,) * len(images)


def picked(target: Target, rows: Array) -> Target:
    """The targets of some of the pictures."""
    return tuple(target[int(r)] for r in rows) if isinstance(target, tuple) else target


def indexes(target: Target, scores: Array) -> Array:
    """The class index per picture (N,), checked against the scores (N, classes)."""
    count, classes = scores.shape
    if target is None:
        return np.asarray(scores.argmax(axis=1))
    if isinstance(target, str):
        raise PhospheneError(f"the class '{target}' is not settled yet: call objective.bound(model, images) first")
    wanted = np.asarray((target,) * count if isinstance(target, int) else target, dtype=np.int64)
    if wanted.shape != (count,):
        raise ShapeError(f"there are {len(wanted)} targets for {count} pictures; give one for each")
    if count and not (wanted.min() >= 0 and wanted.max() < classes):
        wrong = wanted[(wanted < 0) | (wanted >= classes)][0]
        raise NotFoundError(f"there is no class {wrong}; the model has classes 0 to {classes - 1}")
    return wanted


def one_hot(scores: Array, wanted: Array) -> Array:
    """The gradient of the wanted scores' sum by all scores."""
    seed = np.zeros_like(scores)
    seed[np.arange(len(scores)), wanted] = 1
    return seed


def named(target: Target, model: Any) -> str:
    """The class in words; several different ones with commas."""
    if target is None:
        return "the model's own prediction"
    indexed = target if isinstance(target, tuple) else (target,)
    names = [model.class_names[t] if isinstance(t, int) and t < len(model.class_names) else str(t) for t in indexed]
    firsts = dict.fromkeys(n.split(",")[0] for n in names)
    return ", ".join(list(firsts)[:3]) + (", …" if len(firsts) > 3 else "")
