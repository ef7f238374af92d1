"""The captioner of scenes: its settings, and what the one inside says of scenes that it has never seen."""

from importlib.resources import files

import numpy as np
import pytest

from phosphene_captioning import greedy
from phosphene_core.modelfile import load_model, save_model
from phosphene_core.testing import check_model
from phosphene_scenes_captioner import ScenesCaptioner

WORDS = ("<NULL>", "<START>", "<END>", "<UNK>", "a", "large", "small", "red", "circle")


def test_its_defaults_keep_the_models_contract():
    model = ScenesCaptioner(vocabulary_words=WORDS)
    images = np.random.default_rng(0).standard_normal((4, 3, 48, 48)) * 40
    check_model(model, {"images": images, "captions": np.array([[1, 4, 5, 7, 8, 2], [1, 4, 6, 8, 2, 0]] * 2)})


@pytest.fixture(scope="module")
def model():
    registry = pytest.importorskip("phosphene_registry").Registry()
    return ScenesCaptioner.pretrained(registry.resolve)


def test_the_one_inside_tells_nearly_every_scene_exactly(model):
    scenes = pytest.importorskip("phosphene_scenes").Scenes(side=48)
    pictures = scenes.pixels("test", np.arange(200))
    said = greedy(model.speaker, model.features(model.preprocess(list(pictures))))
    exact = [c.text(model.speaker.vocabulary) == scenes.sentence("test", i) for i, c in enumerate(said)]
    assert np.mean(exact) >= 0.97


def test_it_is_small(model):
    assert (files("phosphene_scenes_captioner") / "pretrained.h5").stat().st_size < 1 << 20
    assert not any(k.startswith("words.") for k in model.params), "the detector has done its work"


def test_it_survives_its_file(model, tmp_path):
    registry = pytest.importorskip("phosphene_registry").Registry()
    save_model(model, tmp_path / "m.h5")
    again = load_model(tmp_path / "m.h5", {"ScenesCaptioner": ScenesCaptioner}, registry.resolve)
    assert all(np.array_equal(v, again.params[k]) for k, v in model.params.items())


def test_the_demonstration_says_how_much_is_right(monkeypatch, tmp_path):
    from phosphene_scenes_captioner import demonstration

    registry = pytest.importorskip("phosphene_registry").Registry()
    pytest.importorskip("phosphene_scenes")
    monkeypatch.setitem(demonstration.DATA, "count", "64")
    monkeypatch.setitem(demonstration.DATA, "held_out", "10")
    page = demonstration.section(registry, tmp_path)
    assert "2 updates" in page
    assert "Of 10 scenes that it had never seen it captions 0 exactly right" in page
    assert len(list(tmp_path.glob("scene-*.png"))) == 8
