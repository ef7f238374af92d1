import importlib.util
import shutil

import pytest

from phosphene_core.errors import PhospheneError
from phosphene_metrics import java

REFERENCES = {"a": ["A dog runs in the park.", "a running dog"], "b": ["Two cats sleep on a mat."]}
CANDIDATES = {"b": "the cats asleep on a mat", "a": "A dog runs in the park."}


@pytest.mark.parametrize("metric", ["meteor", "spice"])
def test_without_pycocoevalcap_one_line_says_how_to_get_it(monkeypatch, metric):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    reason = java.available(metric)
    assert "pip install 'phosphene-metrics[java]'" in reason
    assert "\n" not in reason
    with pytest.raises(PhospheneError, match="needs pycocoevalcap"):
        getattr(java, metric)(CANDIDATES, REFERENCES)


@pytest.mark.parametrize("metric", ["meteor", "spice"])
def test_without_java_one_line_says_so(monkeypatch, metric):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert "no `java` on the PATH" in java.available(metric)


def test_captions_are_checked_before_java_is_asked_for():
    with pytest.raises(PhospheneError, match="no candidate captions"):
        java.meteor({}, {})


@pytest.mark.skipif(java.available() is not None, reason="METEOR needs pycocoevalcap and Java")
def test_meteor_where_it_can_run():
    scores = java.meteor(CANDIDATES, REFERENCES)
    assert list(scores.per_image) == ["a", "b"]
    assert scores.per_image["a"] == pytest.approx(1)
    assert 0 < scores.per_image["b"] < 1
    assert 0 < scores.score < 1


@pytest.mark.skipif(java.available("spice") is not None, reason="SPICE needs pycocoevalcap, Java and CoreNLP's models")
def test_spice_where_it_can_run():
    scores = java.spice(CANDIDATES, REFERENCES)
    assert list(scores.per_image) == ["a", "b"]
    assert 0 < scores.score <= 1
