"""Self-critical training: captions that beat the greedy ones become likelier, and the reward rises."""

import attrs
import numpy as np
import pytest

from phosphene_captioning import Captioner, PictureCaptioner, self_critical
from phosphene_captioning.self_critical import frequencies_of, self_critical_loss
from phosphene_captioning.vocabulary import NULL
from phosphene_core import PhospheneError
from phosphene_core.layer import Need, Pass
from phosphene_core.testing import TinyRecurrent, tiny_classifier
from phosphene_rnn import VanillaRNN

SAID = [["a red circle", "a red circle above a square"], ["a blue square"], ["blue", "a blue square", "a square"]]


@pytest.fixture
def references(vocabulary):
    rows = [[vocabulary.encode(s.split(), 9) for s in several] for several in SAID]
    table = np.full((3, 3, 9), NULL)
    for i, several in enumerate(rows):
        table[i, : len(several)] = several
    return table, frequencies_of(rows)


@pytest.fixture
def model(words):
    made = Captioner(recurrent=TinyRecurrent(), features=5, word_size=4, vocabulary_words=words)
    made = made.initialized(np.random.default_rng(0))
    return attrs.evolve(made, params={k: v.astype(np.float64) for k, v in made.params.items()})


FEATURES = np.random.default_rng(1).standard_normal((3, 5))


def run(seed=0, **settings):
    return Pass(train=True, rng=np.random.default_rng(seed), need=Need.PARAMS, **settings)


def test_the_gradient_is_that_of_drawn_captions_weighted_by_what_they_are_worth(model, references, monkeypatch):
    table, frequencies = references
    drawn = self_critical.sample(model, FEATURES, self_critical.Draw(), np.random.default_rng(4), 8, True)
    monkeypatch.setattr(self_critical, "sample", lambda *a, **k: drawn)
    usual = self_critical.greedy(model, FEATURES, 8, forbid_unknown=True)

    def worth(captions):
        people = [[w for row in several if (w := self_critical.said(row))] for several in table]
        return self_critical.cider_d([[str(t) for t in c.tokens] for c in captions], people, frequencies=frequencies)

    advantage = worth(drawn) - worth(usual)
    assert np.ptp(advantage) > 0.1

    def surrogate(params):
        twin = attrs.evolve(model, params=params)
        spoken = self_critical._table(drawn, 8)
        forward = twin.decode(FEATURES, spoken[:, :-1], spoken[:, 1:] != NULL, Pass(need=Need.NOTHING))
        log_probs = forward.scores - np.log(np.exp(forward.scores).sum(axis=1, keepdims=True))
        rows, _ = np.nonzero(spoken[:, 1:] != NULL)
        own = log_probs[np.arange(len(rows)), spoken[:, 1:][spoken[:, 1:] != NULL]]
        return -(own * advantage[rows]).sum() / len(FEATURES)

    loss, measures, grads, _ = self_critical_loss(model, FEATURES, table, frequencies, run())
    assert loss == pytest.approx(-worth(drawn).mean()) == pytest.approx(-measures["reward"])
    assert measures["greedy_reward"] == pytest.approx(worth(usual).mean())
    for name, grad in grads.items():
        direction = np.random.default_rng(2).standard_normal(grad.shape)
        up, down = (
            surrogate({**model.params, name: model.params[name] + s * direction}) for s in (1e-5, -1e-5)
        )
        assert np.vdot(grad, direction) == pytest.approx((up - down) / 2e-5, rel=1e-4, abs=1e-7), name


def test_captions_become_worth_more(words, references):
    made = Captioner(recurrent=VanillaRNN(16), features=5, word_size=8, vocabulary_words=words).initialized(np.random.default_rng(0))
    table, frequencies = references
    params = {k: v.copy() for k, v in made.params.items()}
    model, worth = attrs.evolve(made, params=params), []
    features, table = np.repeat(FEATURES, 20, axis=0).astype(np.float32), np.repeat(table, 20, axis=0)
    for step in range(60):
        _, measures, grads, _ = self_critical_loss(model, features, table, frequencies, run(step))
        worth.append(measures["reward"])
        for name, grad in grads.items():
            params[name] -= 0.1 * grad
    assert np.mean(worth[-10:]) > 1.5 * np.mean(worth[:10])


def test_only_the_end_of_a_run_is_self_critical(model, references):
    table, _ = references
    facts = {"references": [list(several) for several in table], "vocabulary": model.vocabulary_words, "features": 5}
    ready = attrs.evolve(model, self_critical=0.25).prepared_for(facts)
    batch = {"features": FEATURES, "captions": table[:, 0], "references": table}
    assert "word_accuracy" in ready.loss(batch, run(progress=0.7))[1]
    assert "reward" in ready.loss(batch, run(progress=0.75))[1]
    judged = ready.loss(batch, Pass(need=Need.NOTHING, progress=1.0))
    assert judged == model.loss(batch, Pass(need=Need.NOTHING)), "and never what a validation measures"
    assert (ready.criterion, model.criterion) == ("cider_d", "loss")


def test_from_pixels_too(model, references):
    table, _ = references
    seeing = attrs.evolve(model, self_critical=1.0, params={k: v.astype(np.float32) for k, v in model.params.items()})
    basis = np.random.default_rng(0).standard_normal((6, 5)).astype(np.float32)
    whole = PictureCaptioner.joined(tiny_classifier(), "conv2", np.zeros(6, np.float32), basis, seeing, fine_tune=True)
    whole = whole.prepared_for({"references": [list(several) for several in table]})
    images = np.random.default_rng(0).standard_normal((3, 3, 12, 12)).astype(np.float32) * 30
    _, measures, grads = whole.loss({"images": images, "captions": table[:, 0], "references": table}, run())
    assert "reward" in measures
    assert np.abs(grads["conv1.mix.W"]).max() > 0 and np.abs(grads["features.W"]).max() > 0
    assert whole.criterion == "cider_d"


def test_data_without_references_are_refused(model):
    with pytest.raises(PhospheneError, match="references=yes"):
        attrs.evolve(model, self_critical=0.25).prepared_for({"features": 5})
