"""What the README of every technique's plugin tells: a picture, the paper, every setting; and its line of help."""

import re
from pathlib import Path

import pytest

from phosphene_registry import Registry

PLUGINS = Path(__file__).parents[1] / "plugins"
ENTRIES = {
    name: entry
    for name, entry in Registry().entries("technique").items()
    if (PLUGINS / entry.cls.__module__.split(".")[0].removeprefix("phosphene_")).is_dir()
}


def readme(entry):
    return PLUGINS / entry.cls.__module__.split(".")[0].removeprefix("phosphene_") / "README.md"


@pytest.mark.parametrize("name", ENTRIES)
def test_it_names_every_setting_and_no_other(name):
    first_cells = re.findall(r"^\| (`[^|]+`) \|", readme(ENTRIES[name]).read_text(), re.M)
    rows = [word for cell in first_cells for word in re.findall(r"`(\w+)`", cell)]
    settings = [o.name for o in ENTRIES[name].options]
    assert [s for s in settings if s not in rows] == [], "settings that the README does not tell"
    others = {o.name for e in ENTRIES.values() if readme(e) == readme(ENTRIES[name]) for o in e.options}
    assert sorted(set(rows) - others) == [], "settings that do not exist"


@pytest.mark.parametrize("name", ENTRIES)
def test_what_it_is_fits_a_line_of_help(name):
    assert len(ENTRIES[name].summary) <= 53
    assert ENTRIES[name].text.split("\n")[0] == ENTRIES[name].summary


@pytest.mark.parametrize("name", ENTRIES)
def test_it_shows_a_picture_and_tells_the_paper(name):
    text = readme(ENTRIES[name]).read_text()
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", text)
    assert pictures
    assert all((readme(ENTRIES[name]).parent / p).is_file() for p in pictures)
    assert re.search(r"^Papers?: ", text, re.M)
    first = re.split(r"[ ,]", ENTRIES[name].cls.paper)[0]
    assert first in text
