"""What a batch holds, from the folder and from the zip, and what random changes leave alone."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from phosphene_core import FileError, NotFoundError, SettingError
from phosphene_core.options import build
from phosphene_core.testing import check_dataset
from phosphene_tinyimagenet import TinyImageNet

DATA = Path(os.environ.get("PHOSPHENE_DATA", Path(__file__).parents[3] / ".." / "shared" / "data"))


@pytest.fixture(params=["folder", "archive"])
def path(request):
    return str(request.getfixturevalue(request.param))


@pytest.mark.parametrize(
    "settings", [{}, {"scale": 0.6}, {"colour": 0.3}, {"flip": False, "crop": 0}, {"scale": 0.6, "colour": 0.3}],
    ids=str,
)
def test_the_contract_holds(path, settings):
    check_dataset(TinyImageNet(path=path, **settings))


def test_pictures_labels_boxes_and_names_belong_together(path, folder):
    data = TinyImageNet(path=path)
    assert [data.size(s) for s in data.splits] == [24, 4, 2]
    for split in data.splits:
        for row, file in enumerate(data.files(split)):
            expected = np.asarray(Image.open(folder / file).convert("RGB"))
            assert np.array_equal(data.pixels(split, [row])[0], expected)
            if split == "train":
                label = data.batch(split, np.array([row]))["labels"][0]
                assert f"/{data.facts()['class_ids'][label]}/" in file
    assert data.files("train")[10] == "train/n02124075/images/n02124075_10.JPEG"  # counted, not spelled
    assert data.boxes("train")[13].tolist() == [1, 2, 50, 63]
    assert data.files("val")[0] == "val/images/val_2.JPEG"  # the order of the annotations
    assert data.batch("val", np.arange(4))["labels"].tolist() == [0, 0, 1, 1]
    assert data.boxes("val")[0].tolist() == [1, 2, 3, 42]
    assert "labels" not in data.batch("test", np.arange(2))


def test_batches_are_pixels_less_the_mean_training_image(path):
    data = TinyImageNet(path=path)
    facts = data.facts()
    pictures = data.pixels("train", np.arange(24)).transpose(0, 3, 1, 2)
    np.testing.assert_allclose(facts["mean"], pictures.mean(axis=0), rtol=1e-6)
    batch = data.batch("train", np.array([5, 20]))
    assert batch["images"].dtype == np.float32
    np.testing.assert_allclose(batch["images"] + facts["mean"], pictures[[5, 20]], atol=1e-4)
    assert facts["class_names"] == ("Egyptian cat", "lemon")


def test_only_a_training_batch_changes(path):
    data = TinyImageNet(path=path)
    rows = np.arange(24)
    plain, changed = data.batch("train", rows), data.batch("train", rows, np.random.default_rng(0))
    assert not np.array_equal(plain["images"], changed["images"])
    assert np.array_equal(plain["labels"], changed["labels"])
    still = TinyImageNet(path=path, flip=False, crop=0)
    assert np.array_equal(plain["images"], still.batch("train", rows, np.random.default_rng(0))["images"])


def test_test_pictures_have_labels_where_the_folder_tells_them(folder):
    (folder / "test" / "test_annotations.txt").write_text("test_1.JPEG\tn07749582\ntest_0.JPEG\tn02124075\n")
    assert TinyImageNet(path=str(folder)).batch("test", np.arange(2))["labels"].tolist() == [1, 0]


def test_splits_that_are_not_there_are_empty(folder):
    for split in ("val", "test"):
        for file in sorted((folder / split).rglob("*"), reverse=True):
            file.unlink() if file.is_file() else file.rmdir()
    data = TinyImageNet(path=str(folder))
    assert [data.size(s) for s in data.splits] == [24, 0, 0]
    with pytest.raises(FileError, match=r"'val'.*empty"):
        next(data.batches("val", 10))


def test_the_folder_around_it_will_do(folder):
    assert TinyImageNet(path=str(folder.parent)).size("train") == 24


def test_wrong_names_and_settings_are_refused(folder):
    with pytest.raises(NotFoundError, match="train"):
        TinyImageNet(path=str(folder)).size("trian")
    for wrong in ({"crop": -1}, {"scale": 0.0}, {"colour": 1.0}):
        with pytest.raises(SettingError):
            TinyImageNet(path=str(folder), **wrong)
    assert build(TinyImageNet, {"path": "x", "flip": "no"}).flip is False


@pytest.mark.skipif(not (DATA / "tiny-imagenet-100-A.zip").exists(), reason="TinyImageNet-100-A is not here")
def test_the_real_one(monkeypatch):
    monkeypatch.undo()  # the user's own cache: decoded once, not for each run of the tests
    data = TinyImageNet(path=str(DATA / "tiny-imagenet-100-A.zip"))
    assert [data.size(s) for s in data.splits] == [50_000, 5_000, 5_000]
    assert data.facts()["class_names"][:2] == ("Egyptian cat", "reel")
    assert np.bincount(data.store.splits["train"].labels).tolist() == [500] * 100
    assert np.bincount(data.store.splits["val"].labels).tolist() == [50] * 100
    assert (data.boxes("val") >= 0).all()
    assert (data.boxes("val") <= 63).all()
    if (DATA / "pretrained_model.h5").exists():
        import h5py

        with h5py.File(DATA / "pretrained_model.h5") as file:
            np.testing.assert_allclose(data.facts()["mean"], file["mean_image"][()], atol=1e-3)
