"""Pictures with captions as a data set, decoded when they are asked for."""

import json

import numpy as np
import pytest

from phosphene_coco.dataset import CocoCaptions
from phosphene_core import FileError
from phosphene_core.testing import check_dataset


@pytest.mark.parametrize("kind", ["flickr", "zipped"])
def test_pictures_with_captions_are_a_data_set_of_their_own(kind, captions, request):
    data = CocoCaptions(str(request.getfixturevalue(kind)), side=16)
    check_dataset(data)
    assert {s: data.size(s) for s in data.splits} == {"train": 16, "val": 2, "test": 2}
    batch = data.batch("train", np.array([7, 6]))
    assert batch["images"].shape == (2, 3, 16, 16)
    red = batch["images"][0, 0] + data.facts()["mean"][0]
    np.testing.assert_allclose(red, 60, atol=3)  # picture 3 is (60, 80, 90)
    np.testing.assert_array_equal(batch["images"][0], batch["images"][1])
    images, references = data.pictures("val")
    assert images.shape == (1, 3, 16, 16)
    assert references == [list(captions["8.jpg"])], "what people said, unknown words and all"


def test_missing_pictures_of_a_data_set_are_named_or_left_out_and_counted(flickr, caplog):
    (flickr / "Images" / "2.jpg").unlink()
    (flickr / "Images" / "4.jpg").write_text("not a picture")
    with pytest.raises(FileError, match=r"2\.jpg is missing \(captions\.txt, line 6\)"):
        CocoCaptions(str(flickr)).batch("train", np.arange(2))
    data = CocoCaptions(str(flickr), skip_missing=True)
    assert data.size("train") == 12
    assert data.batch("train", np.arange(12))["images"].shape == (12, 3, 64, 64)
    assert "2 of 8 pictures are missing or damaged" in caplog.text


def test_a_damaged_picture_is_named_with_its_line(flickr):
    (flickr / "Images" / "4.jpg").write_text("not a picture")
    with pytest.raises(FileError, match=r"4\.jpg \(captions\.txt, line 10\)"):
        CocoCaptions(str(flickr)).batch("train", np.arange(16))


def test_what_is_only_validated_on_needs_no_training_captions(tmp_path, jpeg):
    whole = {
        "images": [{"id": i, "file_name": f"{i}.jpg"} for i in range(3)],
        "annotations": [{"image_id": i % 3, "caption": "a red thing"} for i in range(6)],
    }
    (tmp_path / "captions_val2017.json").write_text(json.dumps(whole))
    for i in range(3):
        (tmp_path / f"{i}.jpg").write_bytes(jpeg(i))
    data = CocoCaptions(str(tmp_path), side=16)
    assert (data.size("train"), data.size("val")) == (0, 6)
    assert data.vocabulary.decode(data.batch("val", np.array([0]))["captions"][0]) == "a red thing"
    assert data.facts()["mean"].shape == (3, 16, 16)
