"""The page: a section for every technique, and a failing one costs only itself."""

import attrs
import numpy as np
import pytest

from phosphene_core import Attribution, Frame, Generation, PhospheneError, Result, image_gradient
from phosphene_core.testing import tiny_classifier
from phosphene_core.testing.techniques import FirstScore
from phosphene_demo import markup, page, photographs

skimage = pytest.importorskip("skimage")


@attrs.frozen
class Works(Attribution):
    """A technique that works."""

    objective = "first"

    def attribute(self, model, images, objective, rng):
        gradient, values = image_gradient(model, images, objective)
        return Result(np.abs(gradient).max(axis=1), values)


@attrs.frozen
class Fails(Works):
    """A technique that fails."""

    def attribute(self, model, images, objective, rng):
        raise PhospheneError("it cannot")


@attrs.frozen
class Nudges(Generation):
    """A technique whose change nobody sees."""

    title = "A–B test"
    objective = "first"

    def frames(self, model, images, objective, rng):
        yield Frame(1, 1, images + np.float32(2), np.zeros(1), {"words": np.array(["so it is"])})


@attrs.frozen
class Entry:
    name: str
    cls: type

    @property
    def summary(self):
        return self.cls.__doc__


class Registered:
    """The few things that the page asks of a registry."""

    def __init__(self):
        self.entries = {"technique": {"works": Entry("works", Works), "fails": Entry("fails", Fails),
                                       "nudges": Entry("nudges", Nudges)},
                        "objective": {"first": Entry("first", FirstScore)}}  # fmt: skip
        self.catalogue = self

    def __getitem__(self, kind):
        return self.entries[kind]

    def get_entry(self, kind, name):
        return self.entries[kind][name]

    def resolve(self, kind, name):
        if name == "cnn":
            return tiny_classifier()
        if name == "other":
            return tiny_classifier(seed=1)
        return next(e.cls() for entries in self.entries.values() for e in entries.values() if e.name == name)

    def callers(self, hook):
        yield Entry("guest", object), lambda registry, folder: ["<p>a guest's section</p>"]
        yield Entry("rude", object), lambda registry, folder: 1 / 0


def test_the_page_shows_what_works_and_says_what_does_not(tmp_path):
    lines = list(page.build(Registered(), tmp_path / "out", seconds=1, seed=0))
    text = (tmp_path / "out" / "index.html").read_text()
    assert "technique works" in lines
    assert text.count("works-") >= 6, "a map and an overlay for each photograph"
    assert "Not shown: it cannot" in text
    assert "a guest's section" in text
    assert "division by zero" in text
    assert text.index("a guest's section") < text.index("id=looks") < text.index("works-") < text.index("id=makes")
    assert text.index("id=makes") < text.index("A–B test") < text.index("nudges-0-before.png")
    assert "on the right the change, 63 times" in text
    assert "words “so it is”" in text
    for name in {p.split('"')[0] for p in text.split('src="')[1:]}:
        assert (tmp_path / "out" / name).exists(), name


def test_photographs_are_real_ones():
    assert [p.name for p in photographs.photographs()] == ["chelsea", "coffee", "rocket"]


def test_sections_escape_what_they_show():
    assert "<b>" not in markup.figure(["a.png"], "<b>")


