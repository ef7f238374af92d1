"""`phosphene judge`: what its measures say of techniques on scenes, where the truth is known."""

import json

import numpy as np
import pytest
from PIL import Image

from phosphene_core import ImageModel, PhospheneError
from phosphene_faithfulness.of_scenes import of_scenes
from phosphene_faithfulness.session import Session
from phosphene_registry import Registry
from phosphene_scenes import Scenes

REGISTRY = Registry()
TECHNIQUES = ["saliency", "guided_backprop", "deconvnet", "gradcam"]


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    folder = tmp_path_factory.mktemp("judged")
    one = Session(REGISTRY, seed=0)
    one.ask_scenes("scene_classifier", "scenes:objects=3", "test", 6)
    return one, one.run(TECHNIQUES, 0, folder, show=False), folder


def verdict(session, name):
    return next(v for v in session[1] if v.name == name)


@pytest.mark.parametrize("technique", TECHNIQUES)
@pytest.mark.parametrize("measure", ["deletion", "insertion", "pointing"])
def test_a_technique_beats_noise_and_edges(session, technique, measure):
    told = json.loads(session[0].json)["techniques"][TECHNIQUES.index(technique)]
    assert told["technique"] == technique
    assert told["measures"][measure]["beats"] == ["random map", "edge detector"]


def test_what_the_model_has_learned_matters_to_gradients_more_than_to_guided_backprop(session):
    left = {v.name: v.cascade.similarity[:-2].mean() for v in session[1]}  # until the lowest layers go, too
    assert left["saliency"] < left["guided_backprop"] - 0.1
    assert left["gradcam"] < left["guided_backprop"] - 0.1
    assert left["edge detector"] == pytest.approx(1)


def test_the_files_show_what_was_measured(session):
    one, verdicts, folder = session
    told = json.loads((folder / "result.json").read_text())
    assert told == json.loads(one.json)
    assert (told["questions"], told["model"]) == (6, "scene_classifier")
    assert [t["technique"] for t in told["techniques"]] == [v.name for v in verdicts]
    for file in told["files"].values():
        assert min(Image.open(folder / file).size) > 300


def test_questions_are_about_what_is_there_and_was_found():
    scenes = Scenes(objects=3)
    model = REGISTRY.resolve(ImageModel, "scene_classifier")
    for asked in of_scenes(model, scenes, "test", 6, at_word=None):
        found = asked.probability(asked.images, np.arange(len(asked)))
        without = np.where(asked.masks[:, None], asked.covers, asked.images)  # this thing alone is taken away
        assert np.mean(found > 0.5) > 0.9
        assert np.mean(asked.probability(without, np.arange(len(asked))) < 0.5) > 0.9


def test_photographs_are_judged_without_masks(tmp_path):
    y, x = np.mgrid[0:1:60j, 0:1:90j]
    Image.fromarray((255 * np.stack([x, y, x * y], axis=2)).astype(np.uint8)).save(tmp_path / "photo.png")
    session = Session(REGISTRY, seed=0)
    session.ask_pictures("scene_classifier", [tmp_path], "red circle", "blur", 5)
    session.run(["saliency"], 0, tmp_path / "out", show=False)
    told = json.loads(session.json)
    assert told["questions"] == 1
    assert set(told["techniques"][0]["measures"]) == {
        "deletion", "insertion", "infidelity", "sensitivity", "randomization"
    }  # fmt: skip


def test_mistakes_are_told_in_one_line(tmp_path):
    session = Session(REGISTRY, seed=0)
    with pytest.raises(PhospheneError, match="take a model that knows them, such as scene_classifier"):
        session.ask_scenes("cnn", "scenes:objects=3", "test", 3)
    with pytest.raises(PhospheneError, match=r"make scenes of that side \(scenes:side=64\)"):
        session.ask_scenes("scene_classifier", "scenes:objects=3,side=32", "test", 3)
    with pytest.raises(PhospheneError, match="holds no pictures"):
        session.ask_pictures("cnn", [tmp_path], None, "blur", 3)
    session.ask_scenes("scene_classifier", "scenes:objects=3", "test", 2)
    with pytest.raises(PhospheneError, match="no technique is called 'salience'"):
        session.run(["salience"], 0, tmp_path / "out", show=False)
    with pytest.raises(PhospheneError, match="named twice"):
        session.run(["saliency", "saliency"], 0, tmp_path / "out", show=False)
