"""Fooling: the model sees something else, people do not, and what was bounded stays in its bounds."""

import attrs
import numpy as np
import pytest

from phosphene_core.errors import PhospheneError
from phosphene_core.objective import Objective
from phosphene_core.testing import check_technique, tiny_classifier, tiny_pictures
from phosphene_fooling import Fooling

MODEL = tiny_classifier()
IMAGES = MODEL.preprocess(list(tiny_pictures(4)))
SEEN = MODEL.predict(IMAGES).argmax(axis=1)


@attrs.frozen(eq=False)
class Score(Objective):
    """A class's score; one class for each picture."""

    classes: tuple[int, ...]
    layer: str = "scores"

    def select(self, rows):
        return Score(tuple(self.classes[r] for r in rows), self.layer)

    def __call__(self, trace):
        a = trace[self.layer]
        seed = np.zeros_like(a)
        rows = np.arange(len(a))
        seed[rows, self.classes] = 1
        return a[rows, self.classes], {self.layer: seed}


def fool(classes=None, images=IMAGES, model=MODEL, seed=0, **settings):
    asked = Score(tuple(int(c) for c in (SEEN + 1) % 5) if classes is None else tuple(classes))
    return list(Fooling(**settings).frames(model, images, asked, np.random.default_rng(seed)))


@pytest.mark.parametrize("method", ["least_change", "fgsm", "pgd"])
@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_the_contract(method, norm):
    check_technique(Fooling(method=method, norm=norm))


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_least_change_makes_the_model_see_the_class_that_is_asked_for(norm):
    wanted = (SEEN + 1) % 5
    last = fool(wanted, norm=norm)[-1]
    assert last.facts["fooled"].all()
    assert (MODEL.predict(last.images).argmax(axis=1) == wanted).all()
    assert (last.facts["class"] == wanted).all()


def test_asked_about_the_class_that_it_sees_it_is_made_to_see_any_other():
    last = fool(SEEN)[-1]
    assert last.facts["fooled"].all()
    assert (MODEL.predict(last.images).argmax(axis=1) != SEEN).all()


def test_the_change_is_smaller_than_where_the_picture_first_fooled():
    frames = fool()
    first = np.array([next(f.facts["largest_change"][i] for f in frames if f.facts["fooled"][i]) for i in range(4)])
    assert (frames[-1].facts["largest_change"] <= first).all()
    assert (frames[-1].facts["largest_change"] < first).any()


def test_once_a_picture_fools_it_fools_in_every_later_frame_and_shows_the_least_change_so_far():
    frames = fool()
    for i in range(4):
        sizes = [f.facts["largest_change"][i] for f in frames if f.facts["fooled"][i]]
        assert sizes == sorted(sizes, reverse=True)
        fooled = [bool(f.facts["fooled"][i]) for f in frames]
        assert fooled == sorted(fooled)


def test_a_saved_picture_still_fools():
    last = fool()[-1]
    saved = MODEL.deprocess(last.images)
    again = MODEL.preprocess(list(saved))
    assert (MODEL.predict(again).argmax(axis=1) == (SEEN + 1) % 5).all()


@pytest.mark.parametrize("method", ["fgsm", "pgd"])
@pytest.mark.parametrize(("norm", "epsilon"), [("linf", 8.0), ("linf", 2.5), ("l2", 90.0)])
def test_a_bound_is_never_exceeded_and_pixels_stay_in_range(method, norm, epsilon):
    low, high = MODEL.pixel_range(IMAGES)
    for frame in fool(method=method, norm=norm, epsilon=epsilon, steps=6):
        change = (frame.images - IMAGES).reshape(4, -1)
        size = np.abs(change).max(axis=1) if norm == "linf" else np.sqrt((change**2).sum(axis=1))
        assert (size <= epsilon + 1e-3).all()
        assert (frame.images >= low).all()
        assert (frame.images <= high).all()


def test_pgd_fools_wherever_fgsm_does_and_stops_when_all_are_fooled():
    one, many = fool(SEEN, method="fgsm", epsilon=20.0), fool(SEEN, method="pgd", epsilon=20.0)
    assert (many[-1].facts["fooled"] >= one[-1].facts["fooled"]).all()
    assert len(one) == 2
    assert many[-1].facts["fooled"].all()
    assert len(many) < 100


def test_a_picture_alone_comes_out_as_in_the_batch():
    together, alone = fool()[-1], fool(((SEEN + 1) % 5)[2:3], IMAGES[2:3])[-1]
    assert alone.images[0] == pytest.approx(together.images[2], abs=1e-3)


def test_a_picture_that_shows_the_class_already_in_part_is_changed_less():
    far, near = (fool(((SEEN + 1) % 5)[:1], images)[-1].facts["largest_change"][0] for images in (
        IMAGES[:1], fool()[-1].images[:1] * 0.9 + IMAGES[:1] * 0.1))  # fmt: skip
    assert near < far


def test_an_objective_without_a_class_is_an_error_in_words():
    with pytest.raises(PhospheneError, match="fooling needs a class"):
        list(Fooling().frames(MODEL, IMAGES, Score((0,) * 4, "conv1"), np.random.default_rng(0)))


def test_a_model_that_does_not_react_is_an_error_in_words():
    blind = attrs.evolve(MODEL, params={k: np.zeros_like(v) for k, v in MODEL.params.items()})
    with pytest.raises(PhospheneError, match="zero"):
        fool(model=blind)
    mad = attrs.evolve(MODEL, params={k: np.full_like(v, np.nan) for k, v in MODEL.params.items()})
    with pytest.raises(PhospheneError, match="not finite"):
        fool(model=mad)


def test_no_pictures():
    assert fool((), IMAGES[:0])[-1].images.shape == IMAGES[:0].shape
