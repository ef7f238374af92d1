"""The course's layout, read with checks: what is damaged is named with its file and row."""

import zipfile

import h5py
import numpy as np
import pytest

from phosphene_coco import layout
from phosphene_coco.dataset import CocoCaptions
from phosphene_core import FileError
from phosphene_core.testing import check_dataset


def damage(folder, file, name, change):
    with h5py.File(folder / file, "r+") as opened:
        values = change(opened[name][()])
        del opened[name]
        opened[name] = values


def past(value):
    def change(a):
        a[3] = value
        return a

    return change


FAULTS = {
    "a word past the vocabulary": ("coco2014_captions.h5", "train_captions", past(999), "row 3: there is no word 999"),
    "a negative word": ("coco2014_captions.h5", "train_captions", past(-1), "row 3: there is no word -1"),
    "a picture past the features": ("coco2014_captions.h5", "train_image_idxs", past(50), "row 3: there is no picture"),
    "captions of another shape": ("coco2014_captions.h5", "train_captions", lambda a: a[:5], "do not fit"),
    "no table of features": ("train2014_vgg16_fc7_pca.h5", "features", lambda a: a[0], "not a table"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_damaged_layout_is_refused_with_file_and_row(prepared, fault):
    file, name, change, message = FAULTS[fault]
    damage(prepared, file, name, change)
    with pytest.raises(FileError, match=message) as error:
        CocoCaptions(str(prepared)).batch("train", np.arange(2))
    assert file in str(error.value)


@pytest.mark.parametrize("text", ["{}", "[]", '{"idx_to_word": ["a", "b"]}', '{"idx_to_word": 5}', "{"])
def test_what_is_no_vocabulary_is_refused(prepared, text):
    (prepared / layout.WORDS).write_text(text)
    with pytest.raises(FileError, match=r"coco2014_vocab\.json"):
        CocoCaptions(str(prepared)).batch("train", np.arange(2))


def test_no_training_captions(prepared):
    damage(prepared, "coco2014_captions.h5", "train_captions", lambda a: a[:0])
    damage(prepared, "coco2014_captions.h5", "train_image_idxs", lambda a: a[:0])
    with pytest.raises(FileError, match=r"train_captions in coco2014_captions\.h5 is empty"):
        CocoCaptions(str(prepared)).check_split("train")


def test_features_of_another_width_than_the_other_splits(prepared):
    damage(prepared, "val2014_vgg16_fc7_pca.h5", "features", lambda a: a[:, :4])
    data = CocoCaptions(str(prepared))
    assert data.size("train")
    with pytest.raises(FileError, match=r"val2014_vgg16_fc7_pca\.h5: features have 4 columns; those of train have 6"):
        data.size("val")


def test_the_layout_is_read_from_a_zip_without_unpacking_more_than_was_asked_for(prepared):
    path = prepared.parent / "layout.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in prepared.iterdir():
            archive.write(file, f"datasets/coco_captioning/{file.name}")
    data, plain = CocoCaptions(str(path)), CocoCaptions(str(prepared))
    check_dataset(data)
    for name, array in plain.batch("val", np.arange(2)).items():
        np.testing.assert_array_equal(data.batch("val", np.arange(2))[name], array)
    fresh = CocoCaptions(str(path))
    assert fresh.size("val") == 2
    assert not list(fresh.source.folder.glob("train2014_vgg*"))


def test_a_layout_in_a_zip_that_is_a_bomb_or_damaged_leaves_no_half_file(prepared):
    path = prepared.parent / "layout.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in prepared.iterdir():
            bomb = file.name == "train2014_vgg16_fc7_pca.h5"
            archive.writestr(file.name, bytes(80 << 20) if bomb else file.read_bytes())
    data = CocoCaptions(str(path))
    with pytest.raises(FileError, match=r"train2014_vgg16_fc7_pca.h5 claims 83,886,080 bytes, more than the zip may hold"):
        data.size("train")
    content = bytearray(path.read_bytes())
    at = content.index(b"coco2014_captions.h5") + 120  # in the middle of its data
    content[at : at + 8] = b"\xff" * 8
    path.write_bytes(content)
    data = CocoCaptions(str(path))
    with pytest.raises(FileError, match=r"coco2014_captions.h5 cannot be read"):
        data.size("train")
    assert not list(data.source.folder.rglob("*captions.h5*"))
