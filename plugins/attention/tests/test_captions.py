"""A captioner that attends: trained from pixels, its maps come back with its captions."""

from typing import Any

import attrs
import numpy as np
import pytest

from phosphene_attention import AttentionLSTM
from phosphene_core import Need, Pass, ShapeError
from phosphene_core.testing import check_layer, check_model, check_objective, tiny_classifier

captioning = pytest.importorskip("phosphene_captioning")

WORDS = ("<NULL>", "<START>", "<END>", "<UNK>", "a", "red", "blue", "circle", "square", "above")
CAPTIONS = np.array([[1, 4, 5, 7, 2, 0], [1, 4, 6, 8, 9, 2], [1, 5, 2, 0, 0, 0]])
IMAGES = np.random.default_rng(0).standard_normal((3, 3, 12, 12)) * 20


@pytest.fixture(params=[False, True], ids=["h0", "whole-state"])
def model(request: Any) -> Any:
    speaker = captioning.Captioner(
        recurrent=AttentionLSTM(hidden=6, attention=4), features=5, word_size=4, fill_state=request.param,
        vocabulary_words=WORDS,
    ).initialized(np.random.default_rng(0))  # fmt: skip
    basis = np.random.default_rng(1).standard_normal((6, 5)).astype(np.float32)
    return captioning.PictureCaptioner.joined(tiny_classifier(), "conv2", np.ones(6, np.float32), basis, speaker)


def test_it_keeps_the_models_contract(model: Any) -> None:
    maps = np.random.default_rng(2).standard_normal((3, 5, 2, 4))
    check_model(model.speaker, {"features": maps, "captions": CAPTIONS})


@pytest.mark.parametrize("fine_tune", [False, True], ids=["frozen", "free"])
def test_it_trains_from_pixels(model: Any, fine_tune: bool) -> None:
    """The gradient of every parameter that training may change, against a difference along a random direction."""
    params = {k: v.astype(np.float64) for k, v in model.params.items()}
    model = attrs.evolve(model, fine_tune=fine_tune, params=params)
    batch = {"images": IMAGES, "captions": CAPTIONS}

    def run(need: Need) -> Any:
        return Pass(train=True, rng=np.random.default_rng(0), need=need)

    grads = model.loss(batch, run(Need.PARAMS))[2]
    assert any(k.startswith("conv") for k in grads) == fine_tune
    for name, gradient in grads.items():
        direction = np.random.default_rng(3).standard_normal(gradient.shape)
        step = 1e-6 / np.linalg.norm(direction)
        up, down = (
            attrs.evolve(model, params={**params, name: params[name] + s * direction}).loss(batch, run(Need.NOTHING))[0]
            for s in (step, -step)
        )
        assert np.vdot(gradient, direction) == pytest.approx((up - down) / (2 * step), rel=1e-4, abs=1e-4), name


def test_words_reach_the_picture(model: Any) -> None:
    from phosphene_captioning.objectives import CaptionWord

    check_objective(CaptionWord("red", sentence="a red circle"), model)


@pytest.mark.parametrize("find", ["greedy", "beam_search"])
def test_maps_come_back_with_the_captions(model: Any, find: str) -> None:
    features = model.features(IMAGES.astype(np.float32))
    assert features.shape[:2] == (3, 5) and features.ndim == 4
    found = getattr(captioning, find)(model.speaker, features)
    for caption in found if find == "greedy" else [c for several in found for c in several]:
        assert caption.attention.shape == (len(caption.tokens), *features.shape[2:])
        np.testing.assert_allclose(caption.attention.sum(axis=(1, 2)), 1, rtol=1e-5)


def test_maps_are_those_of_the_words_that_were_said(model: Any) -> None:
    features = model.features(IMAGES.astype(np.float32))
    for row, caption in enumerate(captioning.greedy(model.speaker, features)):
        words = np.array([[1, *caption.tokens[:-1]]])
        said = model.speaker.decode(features[[row]], words, np.ones(words.shape, bool), Pass(need=Need.NOTHING))
        said.scores[:, :2] = -np.inf  # <NULL> and <START> are never said
        assert tuple(said.scores.argmax(axis=1)) == caption.tokens
        np.testing.assert_allclose(said.alpha[0], caption.attention.reshape(len(words[0]), -1), rtol=1e-4)


def test_dwelling_on_one_place_costs_more_than_looking_at_all(model: Any) -> None:
    """Xu et al. 2015, equation 14."""
    speaker, features = model.speaker, model.features(IMAGES.astype(np.float32))
    said = speaker.decode(features, CAPTIONS[:, :-1], CAPTIONS[:, 1:] != 0, Pass())
    places = said.alpha.shape[2]
    said.alpha = np.full((1, places, places), 1 / places)
    assert said.passed_over()[0] == pytest.approx(0)
    said.alpha = np.eye(places)[np.zeros((1, places), int)]
    assert said.passed_over()[0] == pytest.approx((places - 1) ** 2 + places - 1)


def test_places_are_kept_apart_in_maps_alone() -> None:
    from phosphene_captioning.reduce import Reduce

    check_layer(Reduce(width=4, grid=True), np.random.default_rng(0).standard_normal((2, 3, 4, 5)))
    with pytest.raises(ShapeError, match="name a convolution"):
        Reduce(width=4, grid=True).init(np.random.default_rng(0), (7,))


def test_vectors_are_refused(model: Any) -> None:
    with pytest.raises(ShapeError, match=r"reads maps \(N, \d+, h, w\), for it attends"):
        model.speaker.loss({"features": np.zeros((2, 5)), "captions": CAPTIONS[:2]}, Pass())
