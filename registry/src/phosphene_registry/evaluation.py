"""How often a classifier is right on a data set: top-1, top-5, and class by class."""

from collections.abc import Iterator
from typing import Any

import attrs
import numpy as np

from phosphene_core.errors import PhospheneError, unknown
from phosphene_core.layer import Array, Need, Pass


@attrs.define
class Score:
    """Counts over examples, as they grow. `by_class` (classes, 3): examples, top-1 and top-5 hits."""

    by_class: Array
    names: tuple[str, ...]
    ids: tuple[str, ...]
    loss: float = 0.0

    @property
    def examples(self) -> int:
        return int(self.by_class[:, 0].sum())

    def share(self, column: int) -> float:
        """Top-1 (1) or top-5 (2) as a share of the examples."""
        return float(self.by_class[:, column].sum() / max(1, self.examples))

    def described(self) -> dict[str, Any]:
        """As JSON values; classes without examples are left out."""
        classes = [
            {"index": i, "class": self.names[i] if i < len(self.names) else f"class {i}",
             "id": self.ids[i] if i < len(self.ids) else None, "examples": int(count),
             "top1": float(one / count), "top5": float(five / count)}
            for i, (count, one, five) in enumerate(self.by_class) if count
        ]  # fmt: skip
        return {
            "examples": self.examples,
            "top1": self.share(1), "top1_correct": int(self.by_class[:, 1].sum()),
            "top5": self.share(2), "top5_correct": int(self.by_class[:, 2].sum()),
            "loss": self.loss / max(1, self.examples),
            "classes": classes,
        }  # fmt: skip


def evaluate(model: Any, dataset: Any, split: str, batch_size: int, limit: int | None) -> Iterator[Score]:
    """Score a classifier on a split; yields the growing score after each batch.

    Labels are matched by class ids where both sides have them, and pictures are brought to the model's own mean.
    """
    facts = dataset.facts()
    translate = _classes(model, tuple(facts.get("class_ids", ())))
    shift = _mean_difference(model, facts.get("mean"))
    score: Score | None = None
    for batch in dataset.batches(split, batch_size, limit):
        if "images" not in batch or "labels" not in batch:
            raise PhospheneError(
                f"the split '{split}' of this data holds no labels to compare with; take another split"
            )
        scores = model.trace(batch["images"] + shift, run=Pass(need=Need.NOTHING))[model.scores].astype(np.float64)
        if score is None:
            score = Score(np.zeros((scores.shape[1], 3)), model.class_names, model.class_ids)
        labels = np.asarray(batch["labels"])
        if labels.min() < 0 or labels.max() >= (scores.shape[1] if translate is None else len(translate)):
            raise PhospheneError(f"the data holds class {int(labels.max())}; the model has {scores.shape[1]} classes")
        labels = labels if translate is None else translate[labels]
        _add(score, scores, labels)
        yield score


def _add(score: Score, scores: Array, labels: Array) -> None:
    rows = np.arange(len(labels))
    own = scores[rows, labels][:, None]
    before = scores > own
    rank = before.sum(axis=1) + ((scores == own) & (np.arange(scores.shape[1]) < labels[:, None])).sum(axis=1)
    for column, hit in enumerate((np.ones(len(labels), bool), rank == 0, rank < 5)):
        np.add.at(score.by_class[:, column], labels[hit], 1)
    shifted = scores - scores.max(axis=1, keepdims=True)
    score.loss += float((np.log(np.exp(shifted).sum(axis=1)) - shifted[rows, labels]).sum())


def _classes(model: Any, ids: tuple[str, ...]) -> Array | None:
    """The model's class for each of the data set's; None if they are the same."""
    if not ids or not model.class_ids or ids == model.class_ids:
        return None
    if missing := [i for i in ids if i not in model.class_ids]:
        near = unknown("class", missing[0], model.class_ids)
        raise PhospheneError(f"the data has classes that the model does not know: {near}")
    return np.array([model.class_ids.index(i) for i in ids])


def _mean_difference(model: Any, mean: Array | None) -> Array:
    """What turns pictures less the data's mean into pictures less the model's."""
    if mean is None or model.mean is None or mean.shape != model.mean.shape or np.array_equal(mean, model.mean):
        return np.zeros((), np.float32)
    return np.asarray(mean - model.mean, np.float32)
