"""Many photographs are described together, as each would be alone."""

import numpy as np
import pytest

from phosphene_captioning import PictureCaptioner, describing
from phosphene_captioning.describing import Describer
from phosphene_captioning.speech import Speech
from phosphene_core.errors import FileError
from phosphene_core.image import encode
from phosphene_core.left_out import LeftOut
from phosphene_core.testing import tiny_classifier


@pytest.fixture
def describer(captioner, monkeypatch):
    """Makes one that asks a tiny captioner, with settings of its speech."""
    basis = np.random.default_rng(0).standard_normal((6, 5)).astype("f4")
    model = PictureCaptioner.joined(tiny_classifier(), "conv2", np.zeros(6, np.float32), basis, captioner)
    monkeypatch.setattr(describing, "load", lambda *asked: model)
    return lambda **speech: Describer(None, None, None, Speech(**speech), 2)


@pytest.fixture
def photos(tmp_path):
    rng, made = np.random.default_rng(1), [tmp_path / f"{i}.png" for i in range(7)]
    for path in made:
        encode(rng.integers(0, 256, (20, 30, 3), np.uint8), path)
    return made


@pytest.mark.parametrize("speech", [{}, {"beam": 1}, {"temperature": 1.0}], ids=str)
def test_together_is_one_by_one(describer, photos, monkeypatch, speech):
    monkeypatch.setattr(describing, "BATCH", 3)
    together = list(describer(**speech).describe(photos, LeftOut(7, print)))
    asked = describer(**speech)
    alone = [next(iter(asked.describe([photo], LeftOut(1, print)))) for photo in photos]
    assert [path for path, _, _ in together] == photos
    for (_, found, best), (_, expected, _) in zip(together, alone, strict=True):
        assert found["image"] == expected["image"]
        assert [c["text"] for c in found["captions"]] == [c["text"] for c in expected["captions"]]
        np.testing.assert_allclose([c["log_prob"] for c in found["captions"]], [c["log_prob"] for c in expected["captions"]], rtol=1e-5)
        assert best.log_prob == found["captions"][0]["log_prob"]


def test_what_is_no_picture_is_told_after_the_captions_before_it_and_left_out(describer, photos):
    photos[4].write_text("no picture")
    told: list = []
    left_out = LeftOut(len(photos), told.append)
    for path, _, _ in describer().describe(photos, left_out):
        told.append(path)
    assert told[:4] == photos[:4]
    assert "4.png is not a picture" in told[4]
    assert told[5:] == photos[5:]
    assert [type(error) for error in left_out.errors] == [FileError]
