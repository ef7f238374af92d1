"""The second loss: which words a caption holds, told from the features at once."""

import attrs
import numpy as np
import pytest

from phosphene_captioning import PictureCaptioner
from phosphene_captioning.word_detection import detection_loss, init
from phosphene_core import Need
from phosphene_core.testing import check_model, tiny_classifier

CAPTIONS = np.array([[1, 4, 5, 4, 2, 0], [1, 6, 2, 0, 0, 0]])


@pytest.mark.parametrize("shape", [(2, 3), (2, 3, 2, 2)])
def test_it_is_the_cross_entropy_of_each_word_on_its_own(shape):
    rng = np.random.default_rng(0)
    params = {k: v.astype(np.float64) for k, v in init(rng, 3, 8).items()}
    features = rng.standard_normal(shape)
    loss, back, _ = detection_loss(params, features, CAPTIONS, 2.0, Need.PARAMS)
    vectors = features if features.ndim == 2 else features.mean(axis=(2, 3))
    p = 1 / (1 + np.exp(-(vectors @ params["W"] + params["b"])))
    wanted = 0.0
    for row, words in enumerate(({4, 5}, {6})):
        wanted -= sum(np.log(p[row, w] if w in words else 1 - p[row, w]) for w in range(4, 8))
    assert loss == pytest.approx(2 * wanted / 2)
    direction = rng.standard_normal(shape)
    up, down = (detection_loss(params, features + s * direction, CAPTIONS, 2.0, Need.NOTHING)[0] for s in (1e-6, -1e-6))
    assert np.vdot(back, direction) == pytest.approx((up - down) / 2e-6, rel=1e-5)


def test_a_captioner_learns_by_it_from_pixels(captioner, batch):
    model = PictureCaptioner(
        encoder=attrs.evolve(tiny_classifier(), params={}), decoder=attrs.evolve(captioner, params={}), activation="conv2",
        fine_tune=True, word_detection=0.5, vocabulary_words=captioner.vocabulary_words,
    )  # fmt: skip
    images = np.random.default_rng(0).standard_normal((3, 3, 12, 12)) * 20
    check_model(model, {"images": images, "captions": batch["captions"]})
    assert {"words.W", "words.b"} <= set(model.initialized(np.random.default_rng(0)).params)
