"""The loop: it climbs, yields frames in range, and says what is wrong."""

import attrs
import numpy as np
import pytest

from phosphene_core.errors import PhospheneError
from phosphene_core.layer import Layer, Need
from phosphene_core.objective import Objective, image_value
from phosphene_core.testing import tiny_classifier
from phosphene_core.twin import twin
from phosphene_imageopt import Affine, FourierCanvas, Jitter, PixelCanvas, TotalVariation, ascend
from phosphene_optimizers import Adam


@attrs.frozen
class Score(Objective):
    which: int = 0
    scale: float = 1.0

    def __call__(self, trace):
        seed = np.zeros_like(trace["scores"])
        seed[:, self.which] = self.scale
        return trace["scores"][:, self.which] * self.scale, {"scores": seed}


def climb(canvas=FourierCanvas, objective=Score(), steps=8, model=None, count=2, size=(12, 12), seed=0, **settings):
    model = model or tiny_classifier()
    blank = np.zeros((count, 3, *size), np.float32)
    at = canvas(*model.pixel_range(blank))
    rng = np.random.default_rng(seed)
    return list(ascend(model, objective, at, at.noise(blank, rng), Adam(learning_rate=0.1), steps, rng, **settings))


@pytest.mark.parametrize("canvas", [FourierCanvas, PixelCanvas])
@pytest.mark.parametrize("size", [(12, 12), (9, 14)])
def test_the_value_rises_and_pictures_stay_in_range(canvas, size):
    frames = climb(canvas, size=size)
    assert [f.step for f in frames] == list(range(9))
    assert all(f.steps == 8 and f.images.shape == (2, 3, *size) and f.images.dtype == np.float32 for f in frames)
    assert (frames[-1].values > frames[0].values).all()
    low, high = tiny_classifier().pixel_range(frames[-1].images)
    assert all(((f.images >= low - 1e-3) & (f.images <= high + 1e-3)).all() for f in frames)


def test_the_last_frame_s_value_is_that_of_its_picture_even_under_transforms():
    frames = climb(transforms=(Jitter(2), Affine((0.9, 1.2), 10)), blur=0.3)
    assert frames[-1].values == pytest.approx(image_value(tiny_classifier(), frames[-1].images, Score()))


def test_every_seed_goes_its_own_way_and_goes_it_again():
    one, again, other = (climb(seed=s, transforms=(Jitter(2),))[-1].images for s in (1, 1, 2))
    assert one.tobytes() == again.tobytes() != other.tobytes()


def test_pictures_of_a_batch_do_not_touch_each_other():
    model = tiny_classifier()
    canvas = PixelCanvas(*model.pixel_range(np.zeros((1, 3, 12, 12), np.float32)))
    start = canvas.noise(np.zeros((2, 3, 12, 12), np.float32), np.random.default_rng(0))

    def last(start):
        frames = ascend(model, Score(), canvas, start, Adam(learning_rate=0.1), 5, np.random.default_rng(0))
        return list(frames)[-1].images

    assert last(start)[1:] == pytest.approx(last(start[1:]), abs=1e-3)


def test_the_start_is_left_as_it_was():
    model = tiny_classifier()
    canvas = PixelCanvas(*model.pixel_range(np.zeros((1, 3, 12, 12), np.float32)))
    start = np.zeros((1, 3, 12, 12), np.float32)
    list(ascend(model, Score(), canvas, start, Adam(learning_rate=0.1), 3, np.random.default_rng(0)))
    assert not start.any()


@pytest.mark.parametrize("anneal", [False, True])
def test_a_weight_on_variation_gives_a_calmer_picture(anneal):
    def variation(weight):
        frames = climb(PixelCanvas, steps=12, regularizers=((weight, TotalVariation()),), anneal=anneal)
        return TotalVariation()(frames[-1].images)[0].sum()

    assert variation(300.0) < 0.8 * variation(0.0)


def test_no_gradient_of_a_parameter_is_ever_asked_for():
    needs = []

    @attrs.frozen
    class Spy(Layer):
        inner: Layer

        def init(self, rng, shape):
            return self.inner.init(rng, shape)

        def forward(self, params, x, run):
            needs.append(run.need)
            return self.inner.forward(params, x, run)

    climb(model=twin(tiny_classifier(), Spy), steps=3)
    assert needs
    assert not any(Need.PARAMS in n for n in needs)


def test_an_objective_that_never_reacts_is_an_error_in_words():
    with pytest.raises(PhospheneError, match=r"zero for every picture.*ask about another"):
        climb(objective=Score(scale=0.0), steps=40)


def test_an_objective_that_is_not_finite_is_an_error_in_words():
    with pytest.raises(PhospheneError, match="not finite"):
        climb(objective=Score(scale=float("nan")))


def test_a_picture_that_does_not_react_at_first_is_given_noise_until_it_does():
    @attrs.frozen
    class Shy(Score):
        def __call__(self, trace):
            value, seeds = super().__call__(trace)
            loud = np.abs(trace["input"]).std(axis=(1, 2, 3)) > 20
            return value * loud, {"scores": seeds["scores"] * loud[:, None]}

    frames = climb(PixelCanvas, objective=Shy(), steps=30)
    assert (frames[0].values == 0).all()
    assert (frames[-1].values != 0).all()


def test_no_pictures_give_no_pictures():
    assert climb(count=0, steps=2)[-1].images.shape == (0, 3, 12, 12)
