"""What a run was and found, as JSON values."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from phosphene_core.errors import PhospheneError
from phosphene_core.layer import Array
from phosphene_core.options import settings_of

FACT_SIZE = 2000
"""Arrays of more numbers than this are not written into JSON."""


def described_model(model: Any, source: str) -> dict[str, Any]:
    """A model: where it came from, its class and settings, the size of its pictures."""
    return {
        "source": source,
        "class": type(model).__name__,
        "settings": settings_of(model),
        "classes": len(model.class_names),
        "input_shape": list(model.input_shape),
    }


def predictions(model: Any, images: Array, count: int = 5) -> list[list[dict[str, Any]] | None]:
    """The most probable classes of each picture, best first; None from a model that tells no classes."""
    try:
        probabilities = model.predict(images)
    except PhospheneError:
        return [None] * len(images)
    return [
        [described_class(model, int(i)) | {"probability": float(p[i])} for i in np.argsort(-p, kind="stable")[:count]]
        for p in probabilities
    ]


def described_class(model: Any, index: int) -> dict[str, Any]:
    """A class: index, name and id."""
    name = model.class_names[index] if index < len(model.class_names) else f"class {index}"
    return {"index": index, "class": name, "id": model.class_ids[index] if index < len(model.class_ids) else None}


def target_of(model: Any, question: Any) -> dict[str, Any] | None:
    """The class that a question about one picture asks about, if it asks about one."""
    target = getattr(question, "target", None)
    if isinstance(target, tuple) and len(target) == 1:
        target = target[0]
    return described_class(model, int(target)) if isinstance(target, int | np.integer) else None


def facts_of(facts: Mapping[str, Any], row: int, count: int) -> dict[str, Any]:
    """One picture's part of a result's further facts: arrays with the batch axis are cut, large ones left out."""
    found = {}
    for name, value in facts.items():
        if isinstance(value, np.ndarray):
            value = value[row] if value.ndim and len(value) == count else value
            if value.size > FACT_SIZE:
                continue
        found[name] = plain(value)
    return found


def plain(value: Any) -> Any:
    """A value as JSON: arrays as lists, numbers as they are, NaN and infinity as null."""
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value if isinstance(value, str | int | float | bool | None) else str(value)
