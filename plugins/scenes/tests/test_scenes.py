"""The data set's promises, measured on its pixels."""

import attrs
import numpy as np
import pytest

from phosphene_core import NotFoundError, SettingError
from phosphene_core.options import build
from phosphene_core.testing import check_dataset
from phosphene_scenes import Scenes, layout
from phosphene_scenes import dataset as dataset_module
from phosphene_scenes.layout import COLOURS
from phosphene_scenes.render import background, render
from phosphene_scenes.shapes import SHAPES

FEW = {"count": 60, "held_out": 12}
TABLE = [
    {},
    {"objects": 1},
    {"objects": 3, "side": 40},
    {"novel": True},
    {"side": 16},
    {"side": 100, "shapes": tuple(SHAPES), "colours": tuple(COLOURS)},
    {"shapes": ("moon",), "colours": ("red", "blue")},
    {"held_out": 0},
]


@pytest.fixture(scope="module")
def data():
    return Scenes(**FEW)


@pytest.mark.parametrize("settings", TABLE, ids=str)
def test_the_contract_holds(settings):
    data = Scenes(**FEW | settings)
    check_dataset(data)
    assert data.facts()["mean"].shape == (3, data.side, data.side)


def test_captions_have_the_courses_layout(data):
    words = data.facts()["vocabulary"]
    assert words[:4] == ("<NULL>", "<START>", "<END>", "<UNK>")
    assert len(set(words)) == len(words)
    captions = data.batch("train", np.arange(60))["captions"]
    assert captions.shape == (60, data.grammar.length)
    for row, caption in enumerate(captions):
        end = list(caption).index(2)
        assert caption[0] == 1
        assert " ".join(words[t] for t in caption[1:end]) == data.sentence("train", row)
        assert not caption[end + 1 :].any()
    assert {len(data.sentence("train", i).split()) for i in range(60)} == {4, 9, 10}  # the longest fits exactly


def test_captions_are_judged_by_sentences(data):
    images, references = data.pictures("val", 5)
    assert np.array_equal(images, data.batch("val", np.arange(5))["images"])
    assert references == [[data.sentence("val", i)] for i in range(5)]
    assert len(data.pictures("val")[1]) == 12


def test_images_are_pixels_less_the_mean(data):
    rows = np.arange(60)
    pictures = data.pixels("train", rows).transpose(0, 3, 1, 2)
    np.testing.assert_allclose(data.facts()["mean"], pictures.mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(data.batch("train", rows)["images"] + data.facts()["mean"], pictures, atol=1e-4)


@pytest.mark.parametrize("objects", [1, 3])
def test_labels_tell_which_kinds_of_thing_are_there(objects):
    data = Scenes(**FEW, objects=objects)
    names, labels = np.array(data.facts()["class_names"]), data.batch("train", np.arange(60))["labels"]
    assert labels.shape == (60, 30)
    for row in range(60):
        there = {f"{t.colour} {t.shape}" for t in data.scene("train", row).things}
        assert set(names[labels[row]]) == there


def test_backgrounds_are_the_pictures_without_the_things(data):
    rows = np.arange(12)
    difference = np.abs(data.backgrounds("val", rows) - data.batch("val", rows)["images"]).max(axis=1)
    for row in rows:
        things = data.masks("val", row).objects.any(axis=0)
        assert not difference[row][~things].any()
        assert np.median(difference[row][things]) > 30


@pytest.mark.parametrize("objects", [1, 2, 3])
def test_captions_are_true_of_the_pixels_under_the_masks(objects):
    """Colour, size and relation are measured; nothing is taken from how the scene was drawn."""
    data = Scenes(**FEW, objects=objects)
    palette = np.array([COLOURS[c] for c in data.colours])
    typical = {"large": [], "small": []}
    for row in range(60):
        masks, picture = data.masks("train", row), data.pixels("train", [row])[0].astype(float)
        parsed = data.grammar.parse(" ".join(masks.sentence))
        centres = []
        for noun, mask in zip(parsed.nouns, masks.objects, strict=True):
            inside = np.median(picture[mask], axis=0)
            assert data.colours[np.argmin(np.linalg.norm(palette - inside, axis=1))] == noun.colour
            y, x = np.nonzero(mask)
            centres.append(np.array([x.min() + x.max(), y.min() + y.max()]) / 2)
            typical[noun.size].append(mask.sum())
        for relation, first, second in zip(parsed.relations, centres, centres[1:], strict=False):
            right, down = first - second
            word = ("left of", "right of") if abs(right) > abs(down) else ("above", "below")
            assert relation == word[int(max((right, down), key=abs) > 0)]
    assert min(typical["large"]) > max(typical["small"])


def test_shapes_are_what_they_are_called():
    """How much of its own box each shape fills, upright, and on which side of the box its weight lies."""
    root = np.sqrt(3)
    cross = (4 * 0.3 * 0.95 * 2 - 0.36) / 3.61
    fills = {"circle": np.pi / 4, "square": 1, "triangle": 0.5, "diamond": 0.5, "cross": cross, "ring": 0.589}
    for shape, expected in fills.items():
        data = Scenes(count=4, objects=1, shapes=(shape,), side=256)
        flat = attrs.evolve(data._layout("train", np.arange(4)), turn=np.zeros((4, 1)))
        differs = np.abs(render(flat, 256) - background(flat, 256)).max(axis=1) > 30
        for mask in differs:
            y, x = np.nonzero(mask)
            width, height = np.ptp(x) + 1, np.ptp(y) + 1
            assert mask.sum() / (width * height) == pytest.approx(expected, abs=0.03), shape
            if shape == "triangle":
                assert y.mean() > (y.min() + y.max()) / 2 + 0.1 * height
                assert height / width == pytest.approx(root / 2, abs=0.03)


@pytest.mark.parametrize("settings", TABLE[:6], ids=str)
def test_masks_hold_every_pixel_that_was_drawn_and_no_other(settings):
    data = Scenes(**FEW | settings)
    for row in range(20):
        drawn = data._layout("val" if row < 10 else "train", np.array([row]))
        split = "val" if row < 10 else "train"
        ground = np.clip(np.rint(background(drawn, data.side)), 0, 255)[0]
        changed = (data.pixels(split, [row])[0].transpose(2, 0, 1) != ground).any(axis=0)
        masks = data.masks(split, row)
        assert len(masks.objects) == len(data.scene(split, row).things)
        assert (masks.objects.sum(axis=0) <= 1).all()  # no two things touch
        assert not (changed & ~masks.objects.any(axis=0)).any()
        for mask in masks.objects:
            assert changed[mask].mean() > (0.8 if data.side >= 64 else 0.6)  # a trace of colour may round away
            if data.side > 16:
                assert not mask[[0, -1]].any()  # nothing is cut off by the border
                assert not mask[:, [0, -1]].any()


def test_words_mean_their_things(data):
    row = next(i for i in range(60) if "left of" in data.sentence("train", i))
    masks = data.masks("train", row)
    assert " ".join(masks.sentence) == data.sentence("train", row)
    first, second = masks.objects
    for place, word in enumerate(masks.sentence):
        if word == "a":
            assert place not in masks.words
        else:
            expected = first if place < 4 else second if place > 6 else first | second
            assert np.array_equal(masks.words[place], expected)


def test_the_same_seed_gives_the_same_bytes_whoever_asks(monkeypatch):
    rows = np.array([7, 3, 59, 3, 20])
    together = Scenes(**FEW).batch("train", np.arange(60))
    for data in (Scenes(**FEW), Scenes(**FEW | {"count": 1000})):
        apart = data.batch("train", rows)
        mean = data.facts()["mean"] - Scenes(**FEW).facts()["mean"]
        np.testing.assert_allclose(apart["images"] + mean, together["images"][rows], atol=1e-4)
        assert np.array_equal(apart["captions"], together["captions"][rows])
    whole = Scenes(**FEW).pixels("train", np.arange(60))
    monkeypatch.setattr(dataset_module, "KEEP_BYTES", 0)  # too many to keep: rendered each time
    assert np.array_equal(Scenes(**FEW).pixels("train", rows), whole[rows])
    assert np.array_equal(np.concatenate([Scenes(**FEW).pixels("train", [r]) for r in rows]), whole[rows])
    assert not np.array_equal(Scenes(**FEW, seed=1).pixels("train", rows), whole[rows])


def test_scenes_stay_the_same_from_release_to_release():
    data = Scenes()
    assert data.sentence("train", 0) == "a large yellow star below a small yellow cross"
    assert data.sentence("test", 5) == "a large purple cross"


def test_many_at_once_are_the_same_as_one_by_one():
    data = Scenes(count=400)
    rows = np.arange(400)
    assert np.array_equal(data.pixels("train", rows)[::57], np.concatenate([Scenes(count=400).pixels("train", [r])
                                                                               for r in rows[::57]]))  # fmt: skip


@pytest.mark.parametrize("objects", [1, 2])
def test_no_scene_is_in_two_splits_even_of_different_seeds(objects, monkeypatch):
    """Drawn so coarsely that the same few scenes come again and again."""
    monkeypatch.setattr(layout, "LEVELS", 6)
    shown = {"train": [], "val": [], "test": []}
    for seed in (0, 1):
        data = Scenes(count=300, held_out=150, objects=objects, shapes=("circle",), colours=("red", "blue"), seed=seed)
        for split, scenes in shown.items():
            drawn = data._layout(split, np.arange(data.size(split)))
            scenes += [drawn.scene(i) for i in range(data.size(split))]
    assert len(set(shown["train"])) < len(shown["train"])
    assert not set(shown["train"]) & {*shown["val"], *shown["test"]}
    assert not set(shown["val"]) & set(shown["test"])


def test_novel_holds_out_sentences():
    data = Scenes(count=200, held_out=100, novel=True, shapes=("circle", "star"), colours=("red", "blue"))
    said = {split: _said(data, split) for split in data.splits}
    assert not said["train"] & (said["val"] | said["test"])
    assert not said["val"] & said["test"]
    shared = attrs.evolve(data, novel=False)
    assert _said(shared, "train") & _said(shared, "val")


def _said(data, split):
    return set(map(tuple, data.batch(split, np.arange(data.size(split)))["captions"]))


def test_every_word_is_used_about_as_often_as_its_like():
    data = Scenes(count=2000)
    words = np.array(data.vocabulary)[data.batch("train", np.arange(2000))["captions"]]
    count = {w: int((words == w).sum()) for w in data.vocabulary}
    for kind in (data.shapes, data.colours, ("large", "small"), ("left", "above"), ("right", "below")):
        assert max(count[w] for w in kind) < 1.35 * min(count[w] for w in kind), kind
    assert min(count[w] for w in ("right", "below")) > 150


def test_wrong_settings_and_rows_are_refused(data):
    for wrong in ({"objects": 4}, {"side": 8}, {"shapes": ("circel",)}, {"colours": ()}, {"shapes": ("star", "star")},
                  {"shapes": ("star",), "colours": ("red",)}, {"seed": -1}):  # fmt: skip
        with pytest.raises(SettingError):
            Scenes(**wrong)
    with pytest.raises(SettingError, match="did you mean 'circle'"):
        build(Scenes, {"shapes": "circel,star"})
    for rows in ([60], [-1]):
        with pytest.raises(NotFoundError, match="rows 0 to 59"):
            data.batch("train", np.array(rows))
    with pytest.raises(NotFoundError, match="'train'"):
        data.size("trian")
    with pytest.raises(SettingError, match="too few sentences"):  # two sentences for three splits
        check_dataset(Scenes(objects=1, shapes=("circle",), colours=("red",), novel=True, count=3, held_out=1))
