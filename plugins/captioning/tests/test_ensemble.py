"""Several captioners as one: the mean of their scores, exactly."""

import attrs
import numpy as np
import pytest

from phosphene_captioning import Captioner, PictureCaptioner, ensemble
from phosphene_captioning.vocabulary import NULL, SPECIAL
from phosphene_core.errors import PhospheneError
from phosphene_core.layer import Need, Pass, RecurrentLayer
from phosphene_core.testing import tiny_classifier, tiny_pictures

WORDS = (*SPECIAL, "a", "red", "circle", "square")


def member(recurrent: str, seed: int, **settings: object) -> Captioner:
    registry = pytest.importorskip("phosphene_registry").Registry()
    layer = registry.resolve(RecurrentLayer, recurrent)
    bare = Captioner(**{"recurrent": layer, "features": 5, "word_size": 3, "vocabulary_words": WORDS} | settings)
    rng = np.random.default_rng(seed)
    made = bare.initialized(rng)
    return attrs.evolve(made, params={k: rng.standard_normal(v.shape) for k, v in made.params.items()})


@pytest.mark.parametrize("recurrent", ["rnn:hidden=4", "lstm:hidden=4", "gru:hidden=4"])
@pytest.mark.parametrize("fill_state", [False, True])
def test_its_scores_are_the_mean_of_its_members_scores(recurrent, fill_state):
    members = [member(recurrent, seed, fill_state=fill_state) for seed in range(3)]
    features = np.random.default_rng(9).standard_normal((2, 5))
    words = np.array([[1, 4, 5, 6], [1, 7, NULL, NULL]])
    asked, run = words != NULL, Pass(need=Need.NOTHING)
    each = [m.decode(features, words, asked, run).scores for m in members]
    whole = ensemble(members)
    np.testing.assert_allclose(whole.decode(features, words, asked, run).scores, np.mean(each, axis=0), rtol=1e-10)
    assert whole.hidden == 12


def test_one_member_is_itself():
    alone = member("lstm:hidden=4", 0)
    whole = ensemble([alone])
    assert all(np.array_equal(v, whole.params[k]) for k, v in alone.params.items())


def test_members_may_differ_in_size():
    members = [member("gru:hidden=4", 0), member("gru:hidden=6", 1, word_size=2)]
    features, words = np.random.default_rng(9).standard_normal((2, 5)), np.array([[1, 4, 5], [1, 6, 7]])
    run = Pass(need=Need.NOTHING)
    each = [m.decode(features, words, words != NULL, run).scores for m in members]
    whole = ensemble(members)
    np.testing.assert_allclose(whole.decode(features, words, words != NULL, run).scores, np.mean(each, axis=0), rtol=1e-10)
    assert (whole.hidden, whole.word_size) == (10, 5)


@pytest.mark.parametrize("own_bases", [False, True])
def test_captioners_of_pictures_are_joined_behind_one_encoder(own_bases):
    encoder, rng = tiny_classifier(), np.random.default_rng(0)
    bases = [rng.standard_normal((6, 5)) for _ in range(2)]
    members = [
        PictureCaptioner.joined(encoder, "conv2", np.zeros(6, np.float32), bases[own_bases * i], member("lstm:hidden=4", i), learned_from=(str(i), "both"))
        for i in range(2)
    ]
    whole = ensemble(members)
    images, words = whole.preprocess(list(tiny_pictures(2))), np.array([[1, 4, 5], [1, 6, 7]])
    run = Pass(need=Need.NOTHING)
    each, (mean,) = ([m.speaker.decode(m.features(images), words, words != NULL, run).scores for m in some] for some in (members, [whole]))
    np.testing.assert_allclose(mean, np.mean(each, axis=0), rtol=1e-5)
    assert whole.learned_from == ("0", "both", "1")


def changed(model):
    name = next(k for k in model.params if not k.startswith(("decoder", "features")))
    return attrs.evolve(model, params={**model.params, name: model.params[name] + 1})


def of_pictures(activation="conv2"):
    width = {"conv1": 4, "conv2": 6}[activation]
    return PictureCaptioner.joined(tiny_classifier(), activation, np.zeros(width), np.ones((width, 5)), member("lstm:hidden=4", 0))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (list, "at least one"),
        (lambda: [member("lstm:hidden=4", 0), member("gru:hidden=4", 1)], "the same recurrent layer, not lstm and gru"),
        (lambda: [member("lstm:hidden=4", 0), member("lstm:hidden=4", 1, vocabulary_words=(*WORDS, "star"))], "the same words"),
        (lambda: [member("lstm:hidden=4", 0), member("lstm:hidden=4", 1, features=6)], "the same width of features, not 5 and 6"),
        (lambda: [member("lstm:hidden=4", 0), member("lstm:hidden=4", 1, fill_state=True)], "the same setting fill_state, not False and True"),
        (lambda: [member("attention:hidden=4", 0)], "attends"),
        (lambda: [of_pictures(), member("lstm:hidden=4", 0)], "or all look at pictures"),
        (lambda: [member("lstm:hidden=4", 0), of_pictures()], "or all look at pictures"),
        (lambda: [of_pictures(), of_pictures("conv1")], "the same activation of the encoder, not conv2 and conv1"),
        (lambda: [of_pictures(), changed(of_pictures())], "must share one encoder"),
    ],
)  # fmt: skip
def test_members_that_cannot_be_joined_are_refused(make, message):
    with pytest.raises(PhospheneError, match=message):
        ensemble(make())
