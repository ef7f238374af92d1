"""The captioner: its loss is the course's, its gradients are right, and <NULL> costs nothing."""

import attrs
import numpy as np
import pytest

from phosphene_captioning import Captioner, beam_search, greedy
from phosphene_captioning.scheduled_sampling import partly_own_words
from phosphene_core import Need, Pass, PhospheneError, SettingError, ShapeError
from phosphene_core.testing import check_model


def test_it_keeps_the_contract(captioner, batch):
    check_model(captioner, batch)


@pytest.mark.parametrize("settings", [{"dropout": 0.5}, {"scheduled_sampling": 0.5}])
def test_its_options_keep_the_contract(captioner, batch, settings):
    check_model(attrs.evolve(captioner, **settings), batch)


def test_gradients_are_right_where_numbers_are_dropped(captioner, batch):
    params = {k: v.astype(float) for k, v in captioner.params.items()}
    model = attrs.evolve(captioner, dropout=0.4, params=params)

    def loss(need=Need.NOTHING):
        return model.loss(batch, Pass(train=True, rng=np.random.default_rng(0), need=need))

    grads = loss(Need.PARAMS)[2]
    for name, w in params.items():
        place = np.unravel_index(np.abs(grads[name]).argmax(), w.shape)
        w[place] += 1e-6
        above = loss()[0]
        w[place] -= 2e-6
        slope = (above - loss()[0]) / 2e-6
        w[place] += 1e-6
        assert grads[name][place] == pytest.approx(slope, rel=1e-6), name


def by_hand(model, batch):
    """The course's definition, word by word."""
    p, total = model.params, 0.0
    for feature, caption in zip(batch["features"], batch["captions"], strict=True):
        h = feature @ p["W_proj"] + p["b_proj"]
        for word, target in zip(caption[:-1], caption[1:], strict=True):
            h = np.tanh(p["W_embed"][word] @ p["recurrent.Wx"] + h @ p["recurrent.Wh"] + p["recurrent.b"])
            scores = h @ p["W_vocab"] + p["b_vocab"]
            if target != 0:
                total += np.log(np.exp(scores).sum()) - scores[target]
    return total / len(batch["captions"])


def test_the_loss_is_the_courses(captioner, batch):
    captioner = attrs.evolve(captioner, params={k: v.astype(float) for k, v in captioner.params.items()})
    assert captioner.loss(batch, Pass())[0] == pytest.approx(by_hand(captioner, batch), rel=1e-12)


def test_the_start_values_are_the_courses(slow, words):
    model = Captioner(recurrent=slow(hidden=64), features=300, word_size=128, vocabulary_words=words)
    p = model.initialized(np.random.default_rng(0)).params
    assert p["W_embed"].std() == pytest.approx(0.01, rel=0.1)
    assert p["W_proj"].std() == pytest.approx(300**-0.5, rel=0.05)
    assert p["W_vocab"].std() == pytest.approx(64**-0.5, rel=0.1)
    assert not p["b_vocab"].any()


def test_padding_changes_nothing(captioner, batch):
    wider = {**batch, "captions": np.pad(batch["captions"], ((0, 0), (0, 5)))}
    one, two = (captioner.loss(b, Pass(need=Need.PARAMS)) for b in (batch, wider))
    assert one[0] == two[0]
    assert all(np.array_equal(one[2][k], two[2][k]) for k in one[2])


def test_nothing_but_padding_is_a_loss_of_zero(captioner):
    batch = {"features": np.ones((2, 5), np.float32), "captions": np.zeros((2, 7), int)}
    loss, _, grads = captioner.loss(batch, Pass(need=Need.PARAMS))
    assert loss == 0
    assert not any(g.any() for g in grads.values())


def test_features_of_another_width_are_refused(captioner, batch):
    with pytest.raises(ShapeError, match=r"\(3, 4\); this captioner reads \(N, 5\)"):
        captioner.loss({**batch, "features": np.ones((3, 4))}, Pass())
    for ask in (greedy, beam_search):
        with pytest.raises(ShapeError, match=r"\(3, 4\); this captioner reads \(N, 5\)"):
            ask(captioner, np.ones((3, 4)))


@pytest.mark.parametrize("captions", [np.ones((3, 1), int), np.ones((2, 5), int), np.ones(3, int)])
def test_captions_of_another_shape_are_refused(captioner, batch, captions):
    with pytest.raises(ShapeError, match=r"captions must be \(3, T\+1\)"):
        captioner.loss({**batch, "captions": captions}, Pass())


def test_a_captioner_needs_a_recurrent_layer():
    with pytest.raises((SettingError, TypeError)):
        Captioner(recurrent="lstm")


def test_scheduled_sampling_replaces_more_and_more_words(captioner, batch):
    model = attrs.evolve(captioner, scheduled_sampling=1.0)
    shares = []
    for progress in (0.1, 0.5, 1.0):
        run = Pass(train=True, rng=np.random.default_rng(0), progress=progress)
        words = partly_own_words(model, batch["features"], batch["captions"], run)
        assert (words[:, 0] == 1).all(), "<START> stays"
        shares.append((words != batch["captions"][:, :-1]).mean())
    assert shares[0] <= shares[1] <= shares[2]
    assert shares[2] > 0


def test_facts_of_the_data_set_the_sizes(slow, words):
    model = Captioner(recurrent=slow()).prepared_for({"vocabulary": words, "features": 33})
    assert (model.features, model.words) == (33, len(words))


def test_data_without_captions_are_refused(captioner):
    with pytest.raises(PhospheneError, match="the data holds none"):
        captioner.loss({"features": np.zeros((2, 5), np.float32), "labels": np.zeros(2, int)}, Pass(need=Need.NOTHING))
