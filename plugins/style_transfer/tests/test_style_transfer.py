"""Style transfer: the style comes near, the content stays."""

import numpy as np
import pytest

from phosphene_core.errors import FileError, NotFoundError
from phosphene_core.image import encode
from phosphene_core.objective import image_value
from phosphene_core.testing import check_technique, tiny_classifier, tiny_pictures
from phosphene_objectives import FeatureMatch
from phosphene_style_transfer import StyleTransfer
from phosphene_style_transfer.style import style_match

MODEL = tiny_classifier()
PHOTO = MODEL.preprocess([tiny_pictures(1, 30)[0][:20]], square=False)


def frames(**settings):
    objective = FeatureMatch("conv2").bound(MODEL, PHOTO)
    made = StyleTransfer(**{"steps": 30, **settings})
    return list(made.frames(MODEL, PHOTO, objective, np.random.default_rng(0)))


def test_the_contract():
    check_technique(StyleTransfer(steps=3))
    check_technique(StyleTransfer(steps=3), objective=FeatureMatch("conv1"))


def test_it_starts_from_the_photograph_and_takes_on_the_style():
    made = frames()
    assert made[0].images == pytest.approx(PHOTO, abs=2)
    style = style_match(MODEL, None, 30, (), (1.0,))
    first, last = (image_value(MODEL, f.images, style)[0] for f in (made[0], made[-1]))
    assert last > 0.5 * first
    assert made[-1].values > made[0].values


def test_without_weight_on_the_style_the_photograph_stays():
    still = frames(style_weight=0.0, total_variation=0.0, steps=5)
    assert np.abs(still[-1].images - PHOTO).mean() < 10


def test_the_style_may_be_any_picture_at_any_size(tmp_path):
    encode(tiny_pictures(1, 16, seed=5)[0], tmp_path / "style.png")
    one = frames(style=str(tmp_path / "style.png"), steps=3)[-1].images
    two = frames(style=str(tmp_path / "style.png"), steps=3, style_scale=0.5)[-1].images
    assert not np.array_equal(one, two)
    assert not np.array_equal(one, frames(steps=3)[-1].images)


def test_a_perfect_match_has_the_value_zero_and_layers_weigh_alike(tmp_path):
    encode(tiny_pictures(1, 24, seed=5)[0], tmp_path / "style.png")
    style = style_match(MODEL, str(tmp_path / "style.png"), 24, ("conv1", "conv2"), (1.0,))
    assert image_value(
        MODEL, MODEL.preprocess(list(tiny_pictures(1, 24, seed=5)), square=False), style
    ) == pytest.approx(0)
    silent = {"conv1": np.zeros((1, 4, 3, 3), np.float32), "conv2": np.zeros((1, 6, 3, 3), np.float32)}
    assert style(silent)[0] == pytest.approx(-1)


def test_what_is_missing_is_named():
    with pytest.raises(FileError, match=r"no-such\.jpg"):
        frames(style="no-such.jpg")
    with pytest.raises(NotFoundError, match="conv9"):
        frames(style_layers=("conv9",))
