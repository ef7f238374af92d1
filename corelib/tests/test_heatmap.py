"""Maps as pictures."""

import numpy as np
import pytest

from phosphene_core.errors import PhospheneError
from phosphene_core.heatmap import Scale, colours, draw, overlay, with_legend


def lightness(picture):
    return picture.astype(float) @ [0.2126, 0.7152, 0.0722]


def test_colours_of_an_unsigned_map_grow_lighter_all_the_way():
    assert (np.diff(lightness(colours(False))) >= 0).all()
    assert lightness(colours(False)[0]) < 10 < 230 < lightness(colours(False)[-1])


def test_colours_of_a_signed_map_are_lightest_at_zero_blue_below_red_above():
    light = lightness(colours(True))
    assert (np.diff(light[:128]) >= 0).all()
    assert (np.diff(light[128:]) <= 0).all()
    low, high = colours(True)[0].astype(int), colours(True)[-1].astype(int)
    assert low[2] > low[0] + 50
    assert high[0] > high[2] + 50


def test_no_two_neighbouring_colours_are_far_apart():
    for signed in (False, True):
        assert np.abs(np.diff(colours(signed).astype(int), axis=0)).max() <= 8


def test_drawing_depends_on_the_map_up_to_its_scale():
    values = np.random.default_rng(0).random((9, 7))
    assert (draw(values) == draw(1e-6 * values)).all()
    assert draw(values).shape == (9, 7, 3)
    assert (draw(values - 0.5) != draw(values)).any()


def test_a_few_strong_pixels_do_not_darken_the_rest():
    values = np.random.default_rng(0).random((100, 100))
    values[0, 0] = 1000
    scale = Scale.of(values)
    assert 0.9 < scale.high < 1.1
    assert scale.clipped
    assert [w for _, w in scale.ticks()][-1].startswith("> ")


def test_a_map_with_one_pixel_is_seen():
    values = np.zeros((100, 100))
    values[3, 3] = 2
    assert Scale.of(values).high == 2
    assert lightness(draw(values)[3, 3]) > 200


def test_a_map_of_zeros_is_drawn_without_a_fuss_and_says_so():
    scale = Scale.of(np.zeros((5, 5)))
    assert scale.ticks() == [(0.0, "0 everywhere")]
    assert len(np.unique(draw(np.zeros((5, 5))).reshape(-1, 3), axis=0)) == 1


def test_zero_is_the_middle_of_a_signed_map_whatever_its_range():
    picture = draw(np.array([[-1.0, 0.0, 5.0]]))
    assert lightness(picture)[0].argmax() == 1
    assert lightness(picture)[0, 1] > 240


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_nan_is_told(value):
    with pytest.raises(PhospheneError, match="1 values that are NaN or infinite"):
        draw(np.array([[1.0, value]]))


def test_an_overlay_leaves_the_photograph_grey_where_the_map_is_zero():
    photograph = np.random.default_rng(0).integers(0, 256, (40, 30, 3)).astype(np.uint8)
    values = np.zeros((40, 30))
    values[:20] = 1
    picture = overlay(photograph, values).astype(int)
    assert picture.shape == photograph.shape
    assert (np.ptp(picture[25:], axis=2) <= 1).all()
    assert (np.ptp(picture[:15], axis=2) > 20).all()


def test_an_overlay_takes_a_small_map():
    assert overlay(np.zeros((40, 30, 3), np.uint8), np.ones((4, 3))).shape == (40, 30, 3)


@pytest.mark.parametrize("size", [(1, 1), (8, 200), (256, 256), (900, 40)])
def test_a_legend_goes_under_any_picture(size):
    picture = np.full((*size, 3), 7, np.uint8)
    page = with_legend(picture, Scale(0.5, True), "what was asked, in several words")
    assert page.shape[1] == size[1]
    assert page.shape[0] > size[0]
    assert (page[: size[0]] == 7).all()
