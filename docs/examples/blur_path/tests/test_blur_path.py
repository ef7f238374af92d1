"""The technique by its contract, and by what its maps must add up to."""

import numpy as np
from phosphene_core.testing import check_technique, tiny_classifier, tiny_pictures
from phosphene_core.testing.techniques import FirstScore

from blur_path import BlurPath


def maps_of(images, **settings):
    return BlurPath(**settings).attribute(tiny_classifier(), images, FirstScore(), np.random.default_rng(0))


def test_it_keeps_the_contract():
    check_technique(BlurPath)


def test_the_map_adds_up_to_the_rise():
    images = tiny_classifier().preprocess(list(tiny_pictures(3)))
    result = maps_of(images, steps=1000)
    np.testing.assert_allclose(result.maps.sum(axis=(1, 2)), result.facts["rise"], rtol=0.005)
    assert (maps_of(images, steps=10).facts["completeness_gap"] > result.facts["completeness_gap"]).all()


def test_a_picture_without_detail_has_nothing_to_show():
    assert not maps_of(np.full((1, 3, 12, 12), 40, np.float32)).maps.any()
