"""Several captioners as one: the mean of their scores, exactly."""

import attrs
import numpy as np
import pytest

from phosphene_captioning import Captioner, ensemble
from phosphene_captioning.vocabulary import NULL, SPECIAL
from phosphene_core.errors import PhospheneError
from phosphene_core.layer import Need, Pass, RecurrentLayer

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


def test_members_that_are_not_alike_are_refused():
    first = member("lstm:hidden=4", 0)
    for other in (member("gru:hidden=4", 1), member("lstm:hidden=4", 1, vocabulary_words=(*WORDS, "star"))):
        with pytest.raises(PhospheneError, match="same settings"):
            ensemble([first, other])
    with pytest.raises(PhospheneError, match="at least one"):
        ensemble([])
    with pytest.raises(PhospheneError, match="attends"):
        ensemble([member("attention:hidden=4", 0)])
