"""The data set as captioners use it: batches, and whole splits to be judged by."""

import attrs
import numpy as np
import pytest

from phosphene_captioning import Captioner
from phosphene_coco.dataset import CocoCaptions
from phosphene_coco.references import References
from phosphene_core import ShapeError
from phosphene_core.testing import TinyRecurrent, check_dataset


def test_a_captioner_reads_the_captions_of_another_vocabulary_and_no_features_of_another_width(prepared):
    data = CocoCaptions(str(prepared))
    words = ("<NULL>", "<START>", "<END>", "<UNK>", "thing", "a")
    captioner = Captioner(recurrent=TinyRecurrent(), features=6, word_size=4, vocabulary_words=words)
    theirs = data.batch("val", np.array([1]))  # a quoted thing
    ours = captioner.reading(data.facts())(theirs)
    assert captioner.vocabulary.decode(ours["captions"][0]) == "a <UNK> thing"
    np.testing.assert_array_equal(ours["features"], theirs["features"])
    with pytest.raises(ShapeError, match=r"train2014_vgg16_fc7_pca\.h5: features have 6 columns; this captioner reads 7"):
        attrs.evolve(captioner, features=7).reading(data.facts())


def test_a_judgement_names_each_picture(prepared):
    data = CocoCaptions(str(prepared))
    captioner = Captioner(recurrent=TinyRecurrent(), word_size=4).prepared_for(data.facts())
    found = captioner.initialized(np.random.default_rng(0)).judgement(data, "train", 3)
    assert [one["name"] for one in found.each] == ["0.jpg", "1.jpg", "2.jpg"]
    assert found.each[2]["references"] == ["a red thing number <UNK>", "a quoted thing"]
    assert found.measures["distinct_captions"] == len({one["text"] for one in found.each})
    assert np.mean([one["cider_d"] for one in found.each]) == pytest.approx(found.measures["cider_d"])


def test_pictures_are_read_slice_by_slice(prepared, flickr):
    for data in (CocoCaptions(str(prepared)), CocoCaptions(str(flickr), side=16)):
        inputs, references = data.pictures("train")
        whole = np.asarray(inputs)
        assert whole.shape == inputs.shape
        assert len(whole) == len(inputs) == len(references)
        np.testing.assert_array_equal(np.concatenate([inputs[:3], inputs[3:]]), whole)
        assert len(data.pictures("train", 2)[0]) == 2


@pytest.mark.parametrize("kind", ["flickr", "zipped", "prepared"])
def test_every_caption_may_come_with_all_of_its_picture(kind, request):
    data = CocoCaptions(str(request.getfixturevalue(kind)), references=True)
    check_dataset(data)
    batch = data.batch("train", np.array([7, 6, 0]))
    assert batch["references"].shape == (3, 2, 17)
    np.testing.assert_array_equal(batch["references"][0], data.batch("train", np.array([6, 7]))["captions"])
    np.testing.assert_array_equal(batch["references"][1], batch["references"][0])
    every = data.facts()["references"]
    assert len(every) == 8
    np.testing.assert_array_equal(np.concatenate(every), data.batch("train", np.arange(16))["captions"])


def test_pictures_may_have_captions_in_any_order_and_number():
    captions = np.arange(1, 7)[:, None] * np.ones(3, np.int64)
    found = References(captions, np.array([4, 0, 4, 2, 4, 0]))
    assert found.of(np.array([0, 4, 2]))[:, :, 0].tolist() == [[2, 6, 0], [1, 3, 5], [4, 0, 0]]
    assert [rows[:, 0].tolist() for rows in found.some()] == [[2, 6], [4], [1, 3, 5]]
