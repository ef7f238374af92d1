"""The classifier: its contract, its names, any size, and the files that it reads."""

import os
from pathlib import Path

import attrs
import h5py
import numpy as np
import pytest

from phosphene_cnn import CNN
from phosphene_core import FileError, PhospheneError, SettingError
from phosphene_core.modelfile import load_model, save_model
from phosphene_core.testing import check_model

DATA = Path(os.environ.get("PHOSPHENE_DATA", Path(__file__).parents[3] / ".." / "shared" / "data"))
SMALL = {"filters": (4, 6, 5), "sizes": (5, 3), "strides": (2, 1, 2), "hidden": 7, "classes": 3, "size": 12}


@pytest.mark.parametrize("settings", [{}, {"head": "average"}, {"head": "pyramid"}, {"hidden": 0}, {"smoothing": 0.1}, {"whitened": True}, {"pools": (2, 1)}], ids=str)
def test_the_family_keeps_the_contract(settings):
    model = CNN(**SMALL | settings)
    rng = np.random.default_rng(0)
    check_model(model, {"images": rng.standard_normal((4, 3, 12, 12)), "labels": rng.integers(0, 3, 4)})


def test_data_without_labels_are_refused():
    model, batch = CNN.example(np.random.default_rng(0))
    with pytest.raises(PhospheneError, match="pictures with labels; the data holds none"):
        model.loss({"images": batch["images"], "captions": batch["labels"]}, None)


def test_the_defaults_are_the_courses_network():
    model = CNN()
    assert model.activations == (*(f"conv{i}" for i in range(1, 10)), "hidden", "scores")
    shapes, shape = {}, model.input_shape
    for name, layer in model.network:
        _, shape = layer.init(np.random.default_rng(0), shape)
        shapes[name] = shape
    assert shapes["conv1"] == (64, 32, 32)
    assert shapes["conv9"] == (1024, 2, 2)
    assert shapes["scores"] == (100,)


@pytest.mark.parametrize("head", ["average", "pyramid"])
def test_these_heads_take_pictures_of_any_size(head):
    model = CNN(**SMALL | {"head": head}).initialized(np.random.default_rng(0))
    for shape in ((12, 12), (30, 17), (5, 5)):
        assert model.trace(np.zeros((2, 3, *shape), np.float32))["scores"].shape == (2, 3)


def test_a_flat_head_still_reaches_its_last_convolution_at_any_size():
    model = CNN(**SMALL).initialized(np.random.default_rng(0))
    assert model.trace(np.zeros((1, 3, 40, 28), np.float32), upto="conv3")["conv3"].shape == (1, 5, 10, 7)


def test_only_the_first_filters_are_whitened():
    plain, changed = (CNN(**SMALL | {"whitened": w}).initialized(np.random.default_rng(0)).params for w in (False, True))
    assert {k for k in plain if not np.array_equal(plain[k], changed[k])} == {"conv1.conv.W"}


def test_pooling_shrinks_the_maps():
    model = CNN(**SMALL | {"strides": (1,), "pools": (3, 2, 1)}).initialized(np.random.default_rng(0))
    trace = model.trace(np.zeros((1, 3, 12, 12), np.float32))
    assert [trace[f"conv{i}"].shape[2] for i in (1, 2, 3)] == [4, 2, 2]


@pytest.mark.parametrize("settings", [{"filters": ()}, {"filters": (4, 0)}, {"head": "round"}, {"classes": 0}])
def test_settings_that_describe_no_network_are_refused(settings):
    with pytest.raises(SettingError):
        CNN(**SMALL | settings)


@pytest.fixture
def course_file(tmp_path):
    """A miniature in the course's layout, with both matrices stored transposed, and the model that it holds."""
    model = CNN(**SMALL | {"classes": 4, "strides": (2, 1, 2)}).initialized(np.random.default_rng(1))
    rng = np.random.default_rng(2)
    model = attrs.evolve(model, params={k: (np.abs(rng.standard_normal(v.shape)) + 0.1).astype(np.float32)
                                        for k, v in model.params.items()})  # fmt: skip
    path = tmp_path / "pretrained.h5"
    with h5py.File(path, "w") as file:
        for i, block in enumerate(("conv1", "conv2", "conv3", "hidden"), 1):
            kind = "affine" if block == "hidden" else "conv"
            w = model.params[f"{block}.{kind}.W"]
            file[f"W{i}"] = w.T if kind == "affine" else w
            file[f"b{i}"] = model.params[f"{block}.{kind}.b"]
            for name in ("gamma", "beta", "running_mean", "running_var"):
                file[f"{name}{i}"] = model.params[f"{block}.batchnorm.{name}"]
        file["W5"], file["b5"] = model.params["scores.W"].T, model.params["scores.b"]
    return path, model


def test_the_courses_layout_is_read_transposed_matrices_too(course_file):
    path, model = course_file
    again = load_model(path, {"CNN": CNN})
    images = np.random.default_rng(0).standard_normal((2, 3, 12, 12)).astype(np.float32)
    np.testing.assert_allclose(again.trace(images)["scores"], model.trace(images)["scores"], rtol=1e-5)
    assert again.size == 12
    assert again.class_names == ("class 0", "class 1", "class 2", "class 3")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("gamma2", None, "'gamma2' is missing"),
        ("W2", np.zeros((6, 3, 3, 3), "f4"), r"'W2' has shape \(6, 3, 3, 3\)"),
        ("W4", np.zeros((9, 9), "f4"), "one side should be 7"),
        ("beta1", np.full(4, np.nan, "f4"), "NaN or infinite"),
        ("running_var3", np.zeros(4, "f4"), "has shape"),
    ],
)
def test_a_damaged_course_file_is_refused_with_the_fault(course_file, name, value, message):
    path, _ = course_file
    with h5py.File(path, "r+") as file:
        del file[name]
        if value is not None:
            file[name] = value
    with pytest.raises(FileError, match=message) as error:
        load_model(path, {"CNN": CNN})
    assert "pretrained.h5" in str(error.value)


def test_our_own_file_keeps_everything(tmp_path):
    model = CNN(**SMALL, mean=np.ones((3, 12, 12), np.float32), class_names=("a", "b", "c"))
    model = model.initialized(np.random.default_rng(0))
    save_model(model, tmp_path / "m.h5")
    again = load_model(tmp_path / "m.h5", {"CNN": CNN})
    assert again == model
    assert again.class_names == ("a", "b", "c")


@pytest.mark.skipif(not (DATA / "pretrained_model.h5").exists(), reason="the real weights are not here")
def test_the_real_file_knows_a_cat():
    from phosphene_core.image import decode

    model = load_model(DATA / "pretrained_model.h5", {"CNN": CNN})
    probabilities = model.predict(model.preprocess([decode(DATA / "kitten.jpg")]))[0]
    best = [model.class_names[i] for i in np.argsort(-probabilities)[:5]]
    assert "tabby, tabby cat" in best or "Egyptian cat" in best


@pytest.mark.skipif(not (DATA / "truncated_pretrained_model.h5").exists(), reason="the broken download is not here")
def test_a_broken_download_is_told_as_one():
    with pytest.raises(FileError, match=r"truncated_pretrained_model\.h5 is cut off"):
        load_model(DATA / "truncated_pretrained_model.h5", {"CNN": CNN})
