"""What a model takes as pictures in memory."""

import numpy as np
import pytest

from phosphene_core.errors import ShapeError
from phosphene_core.picture import as_picture
from phosphene_core.testing import tiny_classifier

GREY = np.random.default_rng(0).integers(0, 256, (5, 7), np.uint8)


def test_grey_is_the_same_in_all_colours_and_what_is_transparent_is_white():
    wanted = np.stack([GREY] * 3, axis=2)
    for given in (GREY, GREY[:, :, None], wanted, np.dstack([wanted, np.full_like(GREY, 255)])):
        np.testing.assert_array_equal(as_picture(given), wanted)
    assert (as_picture(np.zeros((2, 2, 4), np.uint8)) == 255).all()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (np.zeros((4, 4, 3)), r"this is \(4, 4, 3\) float64; multiply by 255"),
        (np.zeros((4, 4, 2), np.uint8), r"this is \(4, 4, 2\) uint8$"),
        (np.zeros((0, 4, 3), np.uint8), "this is"),
        ("photo.jpg", "a picture is"),
    ],
)
def test_anything_else_is_refused(given, message):
    with pytest.raises(ShapeError, match=message):
        tiny_classifier().preprocess([given])


def test_pictures_that_keep_their_size_must_share_it():
    with pytest.raises(ShapeError, match="must share it"):
        tiny_classifier().preprocess([GREY, GREY[1:]], square=False)
