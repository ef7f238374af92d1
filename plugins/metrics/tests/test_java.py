import importlib.util
import shutil
import sys

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


SCORER = """
class {name}:
    def compute_score(self, references, candidates):
        assert sorted(references) == sorted(candidates) == list(range(len(references)))
        each = [len(set(candidates[i][0].split()) & set(references[i][0].split())) / 10 for i in sorted(references)]
        return sum(each) / len(each), {told}
"""


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """A package in pycocoevalcap's place: the same modules, classes and answers, without Java."""
    package = tmp_path / "pycocoevalcap"
    for metric, told in (("meteor", "each"), ("spice", "[{'All': {'f': e}, 'Object': {'f': 0}} for e in each]")):
        (package / metric / "lib").mkdir(parents=True)
        (package / metric / "__init__.py").touch()
        (package / metric / f"{metric}.py").write_text(SCORER.format(name=metric.capitalize(), told=told))
    for jar in java.SPICE_PARSER:
        (package / "spice" / "lib" / jar).touch()
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in [n for n in sys.modules if n.split(".")[0] == "pycocoevalcap"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/java")
    yield package
    for name in [n for n in sys.modules if n.split(".")[0] == "pycocoevalcap"]:
        del sys.modules[name]


@pytest.mark.parametrize("metric", ["meteor", "spice"])
def test_what_pycocoevalcap_answers_is_given_back_by_image(stand_in, metric):
    assert java.available(metric) is None
    scores = getattr(java, metric)(CANDIDATES, REFERENCES)
    assert scores.per_image == {"a": 0.6, "b": 0.4}  # the words of each caption that its first reference holds
    assert scores.score == pytest.approx(0.5)


def test_spice_says_which_models_it_lacks(stand_in):
    (stand_in / "spice" / "lib" / java.SPICE_PARSER[1]).unlink()
    assert "get_stanford_models" in java.available("spice")
    assert java.available("meteor") is None
