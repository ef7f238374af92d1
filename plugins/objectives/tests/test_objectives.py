"""The objectives: their contract, what they ask in closed form, and what they say when asked for what is not there."""

import attrs
import numpy as np
import pytest

import phosphene_objectives as objectives
from phosphene_core import Chain, Layer, NotFoundError, PhospheneError, ShapeError, image_gradient
from phosphene_core.testing import check_objective, tiny_classifier, tiny_pictures
from phosphene_core.testing.contract import example_of
from phosphene_core.twin import twin
from phosphene_objectives import (
    Channel,
    ClassLogProb,
    ClassScore,
    Contrast,
    Direction,
    FeatureMatch,
    GramMatch,
    LayerActivation,
    Neuron,
)

ALL = [getattr(objectives, name) for name in objectives.__all__]
MODEL = tiny_classifier()
IMAGES = MODEL.preprocess(list(tiny_pictures(3)))


def ask(objective, images=IMAGES, model=MODEL):
    bound = objective.bound(model, images)
    return bound(model.trace(images, upto=bound.upto(model)))


@pytest.mark.parametrize("objective", ALL, ids=lambda o: o.__name__)
def test_keeps_the_contract(objective):
    check_objective(objective)


@pytest.mark.parametrize("objective", [ClassScore("stripe"), ClassLogProb((3, 1)), Contrast(2, 0), Contrast(),
                                       Neuron("conv1", 2, 0, 11), Channel("scores", 1), Neuron("scores", 1),
                                       Direction("scores", (1.0, 0, 0, -1, 2)), GramMatch(), FeatureMatch("scores"),
                                       LayerActivation("scores"), ClassScore(1) - 0.5 * Channel("conv1", 0)],
                         ids=str)  # fmt: skip
def test_keeps_the_contract_with_other_settings(objective):
    check_objective(objective)


@pytest.mark.parametrize("objective", ALL, ids=lambda o: o.__name__)
def test_a_picture_is_asked_the_same_alone_and_in_any_selection(objective):
    made = example_of(objective, np.random.default_rng(0), lambda o: o)
    bound = made.bound(MODEL, IMAGES)
    images = IMAGES + 3  # the question stays what it was when the picture changes
    gradient, value = image_gradient(MODEL, images, bound)
    rows = np.array([2, 0, 2, 1])
    some, numbers = image_gradient(MODEL, images[rows], bound.select(rows))
    np.testing.assert_allclose(numbers, value[rows], rtol=1e-4)
    np.testing.assert_allclose(some, gradient[rows], rtol=1e-4, atol=1e-6 * np.abs(gradient).max())
    gradient, value = image_gradient(MODEL, images[:0], bound.select(rows[:0]))
    assert gradient.shape == (0, 3, 12, 12)
    assert value.shape == (0,)


@pytest.mark.parametrize("objective", ALL, ids=lambda o: o.__name__)
def test_every_objective_says_what_it_asks(objective):
    made = example_of(objective, np.random.default_rng(0), lambda o: o)
    for question in (made, made.bound(MODEL, IMAGES)):
        assert 3 < len(question.describe(MODEL)) < 80


def test_only_what_is_needed_is_run():
    assert Channel("conv1", 0).upto(MODEL) == "conv1"
    assert "scores" not in MODEL.trace(IMAGES, upto=Neuron("conv2", 0).upto(MODEL))
    assert (Channel("conv1", 0) + Channel("conv2", 0)).upto(MODEL) == "conv2"
    assert GramMatch().bound(MODEL, IMAGES).upto(MODEL) == "conv2"


def test_class_scores_are_the_models():
    scores = MODEL.trace(IMAGES)["scores"]
    logs = np.log(MODEL.predict(IMAGES))
    rows = np.arange(3)
    for target in (1, "green thing", "t1", (1, 1, 1)):
        np.testing.assert_allclose(ask(ClassScore(target))[0], scores[:, 1])
        np.testing.assert_allclose(ask(ClassLogProb(target))[0], logs[:, 1], rtol=1e-4)
    order = np.argsort(-scores, axis=1)
    np.testing.assert_allclose(ask(ClassScore())[0], scores[rows, order[:, 0]])
    np.testing.assert_allclose(ask(Contrast())[0], scores[rows, order[:, 0]] - scores[rows, order[:, 1]], rtol=1e-5)
    last = int(order[0, -1])  # against the first, where the target itself is not the first
    np.testing.assert_allclose(ask(Contrast(last), IMAGES[:1])[0], scores[0, last] - scores[0, order[0, 0]], rtol=1e-5)
    np.testing.assert_allclose(ask(ClassScore((4, 0, 2)))[0], scores[rows, [4, 0, 2]])


def test_its_own_prediction_stays_the_same_when_the_picture_changes():
    bound = ClassScore().bound(MODEL, IMAGES)
    first = MODEL.predict(IMAGES).argmax(1)
    assert bound.target == tuple(first)
    others = IMAGES[::-1].copy()
    np.testing.assert_allclose(bound(MODEL.trace(others))[0], MODEL.trace(others)["scores"][np.arange(3), first])


def test_channels_neurons_and_directions_read_the_activation():
    a = MODEL.trace(IMAGES)["conv2"]
    np.testing.assert_allclose(ask(Channel("conv2", 4))[0], a[:, 4].mean(axis=(1, 2)), rtol=1e-5)
    np.testing.assert_allclose(ask(Neuron("conv2", 4))[0], a[:, 4, 6, 6])
    np.testing.assert_allclose(ask(Neuron("conv2", 4, y=0, x=11))[0], a[:, 4, 0, 11])
    one = np.eye(6)[4]
    np.testing.assert_allclose(ask(Direction("conv2", 7 * one))[0], a[:, 4].mean(axis=(1, 2)), rtol=1e-5)
    whole = np.zeros((6, 12, 12))
    whole[4, 6, 6] = 0.1
    np.testing.assert_allclose(ask(Direction("conv2", whole))[0], a[:, 4, 6, 6], rtol=1e-5)


def test_deepdreams_seed_is_the_activation_itself():
    bound = LayerActivation().bound(MODEL, IMAGES)
    trace = MODEL.trace(IMAGES)
    value, seeds = bound(trace)
    np.testing.assert_array_equal(seeds[bound.layer], trace[bound.layer])
    np.testing.assert_allclose(value, 0.5 * (trace[bound.layer] ** 2).sum(axis=(1, 2, 3)), rtol=1e-5)


def test_a_feature_match_is_best_at_the_reference():
    bound = FeatureMatch("conv2").bound(MODEL, IMAGES)
    gradient, value = image_gradient(MODEL, IMAGES, bound)
    np.testing.assert_allclose(value, 0)
    np.testing.assert_allclose(gradient, 0)
    assert (image_gradient(MODEL, IMAGES + 5, bound)[1] < 0).all()
    reference = FeatureMatch.of(MODEL, IMAGES[:1], "conv2")
    nothing = attrs.evolve(reference, features=reference.features)(Fixed(conv2=np.zeros((2, 6, 12, 12))))
    np.testing.assert_allclose(nothing[0], -0.5, rtol=1e-6)


class Fixed(dict):
    """A trace of given activations."""


def test_style_knows_no_place():
    style = GramMatch.of(MODEL, IMAGES[:1], ("conv1", "conv2"), (1.0, 0.5))
    a = MODEL.trace(IMAGES[:1])
    turned = Fixed(conv1=a["conv1"][:, :, ::-1], conv2=np.roll(a["conv2"], 5, axis=3))
    np.testing.assert_allclose(style(turned)[0], 0, atol=1e-6 * float(np.square(style.grams[0]).sum()))
    larger = Fixed({n: np.tile(a[n], (1, 1, 2, 3)) for n in ("conv1", "conv2")})
    np.testing.assert_allclose(style(larger)[0], 0, atol=1e-6 * float(np.square(style.grams[0]).sum()))
    assert (style.bound(MODEL, IMAGES)(MODEL.trace(IMAGES))[0][1:] < 0).all()


def test_gatys_number_by_hand():
    features = np.arange(8.0).reshape(1, 2, 2, 2)
    style = GramMatch(("conv1",), (3.0,), grams=(np.zeros((1, 2, 2)),))
    f = features.reshape(2, 4)
    assert style(Fixed(conv1=features))[0][0] == pytest.approx(-3 / (4 * 4) * np.square(f @ f.T / 4).sum())


@pytest.mark.parametrize(("objective", "error", "words"), [
    (ClassScore("zebra"), NotFoundError, "no class is called 'zebra'"),
    (ClassScore("thing"), NotFoundError, "fits several classes"),
    (ClassScore(9), NotFoundError, "no class 9; the model has classes 0 to 4"),
    (ClassScore((0, 1, 9)), NotFoundError, "no class 9; the model has classes 0 to 4"),
    (ClassScore((0, 1)), ShapeError, "2 targets for 3 pictures"),
    (Contrast(0, "zebra"), NotFoundError, "zebra"),
    (Channel("conv3", 0), NotFoundError, "did you mean 'conv2' or 'conv1'"),
    (Channel("conv2", 6), NotFoundError, "conv2 has no channel 6; it has channels 0 to 5"),
    (Neuron("mixed4a", 0), NotFoundError, "there are: conv1, conv2, scores"),
    (Neuron("conv2", 1, y=12), NotFoundError, "12 rows and 12 columns"),
    (Neuron("scores", 1, y=1), ShapeError, "leave y and x out"),
    (Direction("conv2", (1.0, 2.0)), ShapeError, "6 channels"),
    (Direction("conv2", (0.0,) * 6), ShapeError, "other than 0"),
    (Direction("nope", (0.0,) * 6), NotFoundError, "nope"),
    (LayerActivation("nope"), NotFoundError, "nope"),
    (FeatureMatch("nope"), NotFoundError, "nope"),
    (FeatureMatch("conv1", features=np.zeros((1, 2, 3, 3))), ShapeError, "the reference's conv1"),
    (GramMatch(("conv1", "nope")), NotFoundError, "nope"),
    (GramMatch(("scores",)), ShapeError, "style lies in layers"),
], ids=lambda v: v if isinstance(v, str) else "")  # fmt: skip
def test_what_is_not_there_is_named(objective, error, words):
    with pytest.raises(error, match=words):
        ask(objective)


def test_what_is_not_settled_says_so():
    trace = MODEL.trace(IMAGES)
    for question in (ClassScore("stripe"), LayerActivation(), FeatureMatch("conv1"), GramMatch(("conv1",))):
        with pytest.raises(PhospheneError, match=r"objective\.bound"):
            question(trace)


def test_a_gradient_that_is_not_finite_is_refused_in_words():
    broken = attrs.evolve(MODEL, params={**MODEL.params, "conv2.mix.W": MODEL.params["conv2.mix.W"] * np.nan})
    with pytest.raises(PhospheneError, match="gradient of class stripe is not finite"):
        image_gradient(broken, IMAGES, ClassScore("stripe").bound(broken, IMAGES))


def test_the_scores_may_have_another_name():
    chain = Chain([(n if n != "scores" else "logits", layer) for n, layer in MODEL.network])
    params = {k.replace("scores", "logits"): v for k, v in MODEL.params.items()}
    other = twin(MODEL, chain, params)
    for question in (ClassScore(), ClassLogProb(1), Contrast()):
        np.testing.assert_array_equal(ask(question, model=other)[0], ask(question)[0])
    assert isinstance(chain["logits"], Layer)
