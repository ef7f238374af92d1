"""The classifier of several things at once: its contract, its probabilities, and what its embedded weights know."""

import numpy as np
import pytest

from phosphene_core import Pass, PhospheneError
from phosphene_core.testing import check_layer, check_model
from phosphene_scene_classifier import SceneClassifier
from phosphene_scene_classifier.global_max_pool import GlobalMaxPool
from phosphene_scene_classifier.model import sigmoid

SMALL = {"filters": (4, 6), "pools": (2, 1), "classes": 3, "size": 8}


@pytest.mark.parametrize("settings", [{}, {"filters": (4, 4, 4), "pools": (1,)}], ids=str)
def test_the_contract_holds(settings):
    rng = np.random.default_rng(0)
    batch = {"images": rng.standard_normal((4, 3, 8, 8)), "labels": rng.random((4, 3)) < 0.5}
    check_model(SceneClassifier(**SMALL | settings), batch)


def test_the_head_looks_everywhere_whatever_the_size():
    check_layer(GlobalMaxPool(), np.random.default_rng(0).standard_normal((2, 3, 4, 5)))
    x = np.random.default_rng(1).standard_normal((2, 3, 6, 4))
    assert (GlobalMaxPool().forward({}, x, Pass())[0] == x.max(axis=(2, 3))).all()
    model = SceneClassifier(**SMALL).initialized(np.random.default_rng(0))
    for shape in ((8, 8), (30, 17), (4, 4)):
        assert model.trace(np.zeros((2, 3, *shape), np.float32))["scores"].shape == (2, 3)


def test_each_class_is_there_or_not_whatever_the_others_are():
    model = SceneClassifier(**SMALL).initialized(np.random.default_rng(0))
    images = np.random.default_rng(1).standard_normal((5, 3, 8, 8)).astype(np.float32)
    scores = model.trace(images)["scores"]
    np.testing.assert_allclose(model.predict(images), 1 / (1 + np.exp(-scores)), rtol=1e-5)
    assert sigmoid(np.array([-1e4, 0.0, 1e4])).tolist() == [0, 0.5, 1]


def test_accuracy_counts_pictures_with_every_class_right():
    model = SceneClassifier(**SMALL).initialized(np.random.default_rng(0))
    images = np.random.default_rng(1).standard_normal((4, 3, 8, 8)).astype(np.float32)
    right = model.predict(images) > 0.5
    wrong = right.copy()
    wrong[0, 0] = ~wrong[0, 0]
    assert model.loss({"images": images, "labels": right}, Pass())[1] == {"accuracy": 1.0}
    assert model.loss({"images": images, "labels": wrong}, Pass())[1] == {"accuracy": 0.75}


def test_labels_of_one_class_each_are_refused_in_one_line():
    model = SceneClassifier(**SMALL).initialized(np.random.default_rng(0))
    with pytest.raises(PhospheneError, match=r"yes or no for each class, \(2, 3\)"):
        model.loss({"images": np.zeros((2, 3, 8, 8), np.float32), "labels": np.zeros(2, int)}, Pass())
