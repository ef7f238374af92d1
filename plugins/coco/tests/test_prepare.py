"""Captioned pictures and an encoder become the course's layout, with the basis by which a new photograph is described."""

import json

import attrs
import h5py
import numpy as np
import pytest

from phosphene_captioning import Captioner
from phosphene_captioning.reduction import Reduction
from phosphene_coco.captioned import read
from phosphene_coco.dataset import CocoCaptions
from phosphene_coco.place import Place
from phosphene_coco.prepare import prepare, reduction
from phosphene_core import FileError, SettingError, ShapeError
from phosphene_core.image import decode
from phosphene_core.testing import TinyRecurrent, check_dataset, tiny_classifier


def test_what_was_prepared_is_the_courses_layout(prepared):
    with h5py.File(prepared / "coco2014_captions.h5") as file:
        assert file["train_captions"].dtype == np.int32
        assert file["train_captions"].shape == (16, 17)
        assert file["train_image_idxs"].shape == (16,)
    with h5py.File(prepared / "train2014_vgg16_fc7_pca.h5") as file:
        assert file["features"].shape == (8, 6)
        assert file["features"].dtype == np.float32
    words = json.loads((prepared / "coco2014_vocab.json").read_text())
    assert words["idx_to_word"][:4] == ["<NULL>", "<START>", "<END>", "<UNK>"]
    assert words["word_to_idx"]["a"] == words["idx_to_word"].index("a")


def test_it_reads_back(prepared):
    data = CocoCaptions(str(prepared))
    check_dataset(data)
    features, references = data.pictures("val")
    assert features.shape == (1, 6)
    assert references == [["a red thing number <UNK>", "a quoted thing"]]
    assert data.facts()["features"] == 6
    assert data.split("train").features.mapped is not None, "features stay on the disk"


def test_missing_and_damaged_pictures_stop_or_are_counted(flickr, tmp_path):
    (flickr / "Images" / "2.jpg").unlink()
    (flickr / "Images" / "4.jpg").write_text("not a picture")
    place = Place(flickr)
    with pytest.raises(FileError, match=r"2\.jpg is missing \(captions\.txt, line 6\)"):
        prepare(place, read(place), tiny_classifier(), "conv2", tmp_path / "a")
    done = prepare(place, read(place), tiny_classifier(), "conv2", tmp_path / "b", skip_missing=True)
    assert done.missing == ("2.jpg", "4.jpg")
    assert done.pictures["train"] == 6


def test_a_missing_picture_is_told_before_any_is_looked_at(flickr, tmp_path):
    (flickr / "Images" / "9.jpg").unlink()
    place = Place(flickr)
    with pytest.raises(FileError, match=r"9\.jpg is missing \(captions\.txt, line 20\)"):
        prepare(place, read(place), None, "conv2", tmp_path / "a")


def test_one_run_writes_a_folder_at_a_time(flickr, tmp_path):
    place = Place(flickr)
    splits = read(place)

    def meanwhile(done):
        with pytest.raises(FileError, match=r"another run is writing .*out; wait for it"):
            prepare(place, splits, tiny_classifier(), "conv2", tmp_path / "out")

    prepare(place, splits, tiny_classifier(), "conv2", tmp_path / "out", progress=meanwhile)
    prepare(place, splits, tiny_classifier(), "conv2", tmp_path / "out")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["flickr", "out"]


def test_what_cannot_be_written_is_told_before_any_picture_is_looked_at(flickr, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    place = Place(flickr)
    with pytest.raises(FileError, match="file is a file, not a folder"):
        prepare(place, read(place), None, "conv2", tmp_path / "file")
    with pytest.raises(FileError, match=r"inside cannot be written: .*file is a file, not a folder"):
        prepare(place, read(place), None, "conv2", tmp_path / "file" / "inside")
    monkeypatch.setattr("os.access", lambda *asked: False)
    with pytest.raises(FileError, match=r"out/deep cannot be written: .* grants no new folder"):
        prepare(place, read(place), None, "conv2", tmp_path / "out" / "deep")


def test_nothing_stays_of_a_split_that_is_no_longer_there(flickr, tmp_path):
    place = Place(flickr)
    splits = read(place)
    prepare(place, splits, tiny_classifier(), "conv2", tmp_path / "out")
    assert CocoCaptions(str(tmp_path / "out")).size("test") == 2
    prepare(place, {s: splits[s] for s in ("train", "val")}, tiny_classifier(), "conv2", tmp_path / "out")
    assert CocoCaptions(str(tmp_path / "out")).size("test") == 0
    assert not list((tmp_path / "out").glob("test*"))


def test_an_interrupted_run_leaves_nothing(flickr, tmp_path):
    def stop(done):
        raise KeyboardInterrupt

    place = Place(flickr)
    with pytest.raises(KeyboardInterrupt):
        prepare(place, read(place), tiny_classifier(), "conv2", tmp_path / "out", progress=stop)
    assert [p.name for p in tmp_path.iterdir()] == ["flickr"]


def test_pca_keeps_the_strongest_directions():
    rng = np.random.default_rng(0)
    strong = rng.standard_normal((200, 2)) @ rng.standard_normal((2, 7)) * 9
    center, basis, share = reduction(strong + rng.standard_normal((200, 7)) * 0.01 + 5, 2)
    assert share > 0.999
    np.testing.assert_allclose(basis.T @ basis, np.eye(2), atol=1e-5)
    np.testing.assert_allclose(((strong + 5 - center) @ basis @ basis.T), strong + 5 - center, atol=0.1)


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"dimensions": 7}, SettingError, r"conv2 has 6 numbers, of which PCA \(--dimensions\) cannot make 7"),
        ({"least": 1000}, FileError, r"no word occurs 1,000 times in the training captions"),
    ],
)
def test_what_pictures_and_captions_do_not_give_is_said(flickr, tmp_path, settings, error, message):
    place = Place(flickr)
    with pytest.raises(error, match=message):
        prepare(place, read(place), tiny_classifier(), "conv2", tmp_path / "out", **settings)
    assert not (tmp_path / "out").exists()
    if "least" in settings:
        with pytest.raises(FileError, match=message):
            CocoCaptions(str(flickr), least=settings["least"]).facts()


def test_a_set_so_small_that_a_split_is_empty(tmp_path, flickr):
    lines = (flickr / "captions.txt").read_text().splitlines()[:9]  # four pictures: three train, none val, one test
    (flickr / "captions.txt").write_text("\n".join(lines) + "\n")
    place = Place(flickr)
    done = prepare(place, read(place), tiny_classifier(), "conv2", tmp_path / "out", least=1)
    assert done.pictures == {"train": 3, "val": 0, "test": 1}
    data = CocoCaptions(str(tmp_path / "out"))
    assert (data.size("train"), data.size("val"), data.size("test")) == (6, 0, 2)
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]


def test_a_captioner_of_prepared_features_is_made_whole_and_describes_pictures_the_same_way(flickr, tmp_path):
    place, encoder = Place(flickr), tiny_classifier()
    prepare(place, read(place), encoder, "conv2", tmp_path / "out", encoder_name="tiny", dimensions=4)
    data = CocoCaptions(str(tmp_path / "out"))
    speaker = Captioner(recurrent=TinyRecurrent(), word_size=4).prepared_for(data.facts()).initialized(np.random.default_rng(0))
    found = Reduction.read(tmp_path / "out")
    assert (found.encoder, found.activation, found.basis.shape) == ("tiny", "conv2", (6, 4))
    whole = found.joined(lambda kind, name: {"tiny": encoder}[name], speaker)
    pictures = [decode(flickr / "Images" / name) for name in ("8.jpg",)]
    np.testing.assert_allclose(whole.features(whole.preprocess(pictures)), data.pictures("val")[0], rtol=1e-4, atol=1e-3)
    with pytest.raises(ShapeError, match="these features have 4 columns; the captioner reads 5"):
        found.joined(lambda kind, name: encoder, attrs.evolve(speaker, features=5))
    with pytest.raises(FileError, match=r"reduction\.h5 does not exist"):
        Reduction.read(tmp_path)
