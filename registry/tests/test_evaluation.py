"""Top-1 and top-5 counts of a classifier."""

import attrs
import numpy as np
import pytest

from phosphene_core.errors import PhospheneError
from phosphene_core.layer import Need, Pass
from phosphene_registry.evaluation import evaluate


def last(scores):
    *_, end = scores
    return end


def by_hand(model, data, shift=0.0, order=None):
    """Ranks of the labels, one example at a time."""
    ranks = []
    for batch in data.batches("val", 7):
        for image, label in zip(batch["images"], batch["labels"], strict=True):
            scores = model.trace(image[None] + np.float32(shift), run=Pass(need=Need.NOTHING))["scores"][0]
            wanted = label if order is None else order[label]
            ranks.append(sorted(range(len(scores)), key=lambda i: (-scores[i], i)).index(wanted))
    return np.array(ranks)


def test_counts_equal_those_by_hand(stub):
    model, data = stub.StubModel.pretrained(), stub.StubData(count=60)
    ranks = by_hand(model, data)
    for size in (7, 60):
        found = last(evaluate(model, data, "val", size, None)).described()
        assert (found["examples"], found["top1_correct"], found["top5_correct"]) == (60, (ranks == 0).sum(), 60)
        assert sum(c["examples"] for c in found["classes"]) == 60
        assert sum(c["top1"] * c["examples"] for c in found["classes"]) == pytest.approx((ranks == 0).sum())
        assert found["loss"] == pytest.approx(
            model.loss(data.batch("val", np.arange(60)), Pass(need=Need.NOTHING))[0], rel=1e-5
        )


def test_a_limit_is_kept(stub):
    assert last(evaluate(stub.StubModel.pretrained(), stub.StubData(count=60), "val", 7, 10)).examples == 10


def test_classes_are_matched_by_id_and_pictures_by_mean(stub):
    model, data = stub.StubModel.pretrained(), stub.StubData(count=60)
    order = [3, 0, 4, 1, 2]
    mixed = attrs.evolve(
        model, class_ids=tuple(model.class_ids[i] for i in np.argsort(order)), mean=model.mean - 5,
    )  # fmt: skip
    wanted = by_hand(mixed, data, shift=5.0, order=order)
    found = last(evaluate(mixed, data, "val", 20, None))
    assert found.by_class[:, 1].sum() == (wanted == 0).sum()


def test_classes_that_the_model_does_not_know_are_told(stub):
    model = attrs.evolve(stub.StubModel.pretrained(), class_ids=("t0", "t1", "t2", "t3", "x4"))
    with pytest.raises(PhospheneError, match="classes that the model does not know"):
        last(evaluate(model, stub.StubData(), "val", 20, None))


def test_data_without_labels_is_told(stub):
    class Bare(stub.StubData):
        def batch(self, split, rows, rng=None):
            return {"images": super().batch(split, rows, rng)["images"]}

    with pytest.raises(PhospheneError, match="holds no labels"):
        last(evaluate(stub.StubModel.pretrained(), Bare(), "val", 20, None))
