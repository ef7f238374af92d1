"""Score-CAM: its contract, its definition, and that it never asks for a gradient."""

import numpy as np
import pytest

from phosphene_core import Need, ShapeError
from phosphene_core.image import resize
from phosphene_core.testing import check_technique, tiny_classifier, tiny_pictures
from phosphene_objectives import ClassScore
from phosphene_scorecam import ScoreCAM

MODEL = tiny_classifier()
IMAGES = MODEL.preprocess(list(tiny_pictures(2)))


def attribute(technique, images=IMAGES, objective=ClassScore((2, 0))):
    return technique.attribute(MODEL, images, objective.bound(MODEL, images), np.random.default_rng(0))


def test_the_contract_holds():
    check_technique(ScoreCAM())
    check_technique(ScoreCAM(layer="conv1", cover="blur", batch_size=3))


def test_it_is_what_the_paper_says():
    found = attribute(ScoreCAM("conv2"))
    for n, target in enumerate((2, 0)):
        a = MODEL.trace(IMAGES[n : n + 1])["conv2"][0]
        scores = []
        for channel in a:
            mask = resize(channel, 12, 12)
            mask = (mask - mask.min()) / max(np.ptp(mask), 1e-12)
            scores.append(MODEL.trace((IMAGES[n] * mask)[None])["scores"][0, target])
        weights = np.exp(scores - np.max(scores))
        expected = np.maximum(np.tensordot(weights / weights.sum(), a, axes=1), 0)
        np.testing.assert_allclose(found.facts["cam"][n], expected, rtol=1e-4, atol=1e-6)


def test_it_never_asks_for_a_gradient(monkeypatch):
    asked = []
    original = type(MODEL).trace
    monkeypatch.setattr(
        type(MODEL),
        "trace",
        lambda self, images, upto=None, run=None: asked.append(run) or original(self, images, upto, run),
    )
    attribute(ScoreCAM())
    assert asked
    assert all(run is not None and run.need is Need.NOTHING for run in asked)


def test_a_layer_without_places_is_refused():
    with pytest.raises(ShapeError, match="scores has no height and width"):
        attribute(ScoreCAM("scores"))
