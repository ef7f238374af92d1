"""How a captioner is asked: each setting leads to the search or the draw that it names."""

import attrs
import numpy as np
import pytest

from phosphene_captioning import Beam, Draw, beam_search, greedy, sample
from phosphene_captioning.judging import judged, judgement
from phosphene_captioning.speech import Speech
from phosphene_core import SettingError

FEATURES = np.random.default_rng(3).standard_normal((7, 5)).astype(np.float32)


def said(model, speech, best=1):
    return speech.captions(model, FEATURES, speech.rng, best)


def test_what_is_searched_for(captioner):
    assert [c for (c,) in said(captioner, Speech(beam=1))] == greedy(captioner, FEATURES, forbid_unknown=True)
    for speech, beam in (
        (Speech(), Beam(5)),
        (Speech(beam=4, length_power=0.2), Beam(4, length_power=0.2)),
    ):
        found = beam_search(captioner, FEATURES, beam, forbid_unknown=True)
        assert said(captioner, speech, best=3) == [f[:3] for f in found]
    wider = beam_search(captioner, FEATURES, Beam(6), forbid_unknown=True)
    assert said(captioner, Speech(beam=2), best=6) == wider, "so many are searched for at least"


def test_what_groups_of_beams_find_is_told_once(captioner):
    found = beam_search(captioner, FEATURES, Beam(6, groups=3, diversity=0.0), forbid_unknown=True)
    told = said(captioner, Speech(beam=6, groups=3, diversity=0.0), best=6)
    for several, once in zip(found, told, strict=True):
        assert len(once) < len(several) and len({c.tokens for c in once}) == len(once)
        assert once == sorted({c.tokens: c for c in several}.values(), key=several.index)
    apart = Speech(beam=4, groups=2, diversity=2.0)
    searched = beam_search(captioner, FEATURES, Beam(4, groups=2, diversity=2.0), forbid_unknown=True)
    assert [found[0] for found in said(captioner, apart)] == [found[0] for found in searched]


def test_what_is_drawn(captioner):
    speech = Speech(temperature=1.5, top_k=4, nucleus=0.9, seed=7)
    draw = Draw(temperature=1.5, top_k=4, nucleus=0.9)
    drawn = sample(captioner, np.repeat(FEATURES, 2, axis=0), draw, np.random.default_rng(7), forbid_unknown=True)
    assert [c for found in said(captioner, speech, best=2) for c in found] == drawn


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"beam": 0}, "beam must be at least 1, not 0"),
        ({"beam": 100000}, "beam must be at most 10000, not 100000"),
        ({"groups": -1}, "groups must be at least 1, not -1"),
        ({"temperature": -0.5}, "temperature must be 0, or from 0.01 to 100, not -0.5"),
        ({"temperature": float("nan")}, "temperature must be a number, not nan"),
        ({"temperature": 1e-320}, "temperature must be 0, or from 0.01 to 100"),
        ({"temperature": float("inf")}, "temperature must be 0, or from 0.01 to 100"),
        ({"length_power": 1e9}, "length_power must be at most 10"),
        ({"groups": 2, "diversity": float("inf")}, "diversity must be at most 100"),
        ({"temperature": 1.0, "nucleus": 1.5}, "nucleus must be at most 1, not 1.5"),
        ({"temperature": 1.0, "nucleus": 0.0}, "nucleus must be above 0, not 0"),
        ({"temperature": 1.0, "top_k": -3}, "top_k must be at least 0, not -3"),
        ({"nucleus": 0.9}, "set a temperature above 0"),
        ({"top_k": 5}, "set a temperature above 0"),
    ],
)
def test_what_makes_no_sense_is_said(settings, told):
    with pytest.raises(SettingError, match=told):
        Speech(**settings)


@attrs.frozen
class Told:
    """A data set of the features above with a reference for each."""

    def pictures(self, split, limit=None):
        return FEATURES, [["a red circle above a blue square"]] * len(FEATURES)

    def facts(self):
        return {}


def test_a_judgement_is_of_what_is_said_in_that_manner(captioner):
    texts = {}
    for speech in (Speech(beam=1), Speech(), Speech(temperature=2.0, seed=1)):
        found = judgement(captioner, lambda features: features, Told(), "val", None, speech)
        texts[speech] = [one["text"] for one in found.each]
        assert texts[speech] == [c.text(captioner.vocabulary) for (c,) in said(captioner, speech)]
    usual = captioner.judgement(Told(), "val")
    assert [one["text"] for one in usual.each] == texts[Speech()], "what `phosphene caption` says first"
    drawn = captioner.judgement(Told(), "val", manner=Speech(temperature=2.0, seed=1))
    assert [one["text"] for one in drawn.each] == texts[Speech(temperature=2.0, seed=1)] != texts[Speech()]
    measured = judgement(captioner, lambda features: features, Told(), "val", None, Speech(beam=1)).measures
    assert judged(captioner, lambda features: features, Told(), "val", None) == pytest.approx(
        {k: v for k, v in measured.items() if k not in ("meteor", "spice")}
    )
