"""Pictures are shared out to the cores; what is seen in them does not depend on that."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from phosphene_captioning.vocabulary import words_of
from phosphene_coco.captioned import read
from phosphene_coco.dataset import CocoCaptions
from phosphene_coco.looking import BATCH, LEAST, look_at, shares
from phosphene_coco.place import Place
from phosphene_coco.prepare import prepare
from phosphene_core.testing import tiny_classifier
from phosphene_core.threads import use_threads


@given(st.integers(0, 3000), st.integers(1, 64))
def test_every_picture_is_in_one_share_and_the_last_shares_are_small(count, cores):
    found = list(shares(range(count), cores))
    assert [i for share in found for i in share] == list(range(count))
    sizes = [len(share) for share in found]
    assert all(LEAST <= size <= BATCH for size in sizes[:-1])
    for i, size in enumerate(sizes):  # at most half of what each core would get of what is left
        assert size <= max(LEAST, sum(sizes[i:]) / (2 * cores))


def test_any_number_of_threads_sees_the_same(flickr):
    place, seen = Place(flickr), []
    for count in (1, 3):
        with use_threads(count):
            seen.append(look_at(place, read(place), tiny_classifier(), "conv2", False, lambda done: None))
    assert seen[0].pictures == seen[1].pictures
    for split, features in seen[0].features.items():
        np.testing.assert_allclose(features, seen[1].features[split], rtol=1e-6)


def test_captions_stay_with_their_pictures_where_some_are_left_out(flickr, tmp_path):
    (flickr / "Images" / "2.jpg").unlink()
    place = Place(flickr)
    prepare(place, read(place), tiny_classifier(), "conv2", tmp_path / "out", skip_missing=True, least=1)
    data = CocoCaptions(str(tmp_path / "out"))
    names = data.picture_names("train")
    assert names == [f"{i}.jpg" for i in range(8) if i != 2]
    for name, captions in zip(names, data.pictures("train")[1], strict=True):
        assert captions == [" ".join(words_of(c)) for c in (f"a red thing, number {name[0]}", "a quoted thing")]
