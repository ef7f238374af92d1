"""A grader for the tests, and copies of the solved assignment with something changed."""

import shutil
from pathlib import Path

import pytest

from phosphene_assignment.processes import Limits, Processes

SOLVED = Path(__file__).parent / "solved"


@pytest.fixture(scope="session")
def processes():
    with Processes(Limits(seconds=30, longest=120.0)) as started:
        yield started


@pytest.fixture
def changed(tmp_path):
    """`changed(file, old, new)`: a copy of the solved assignment in which that text is another."""

    def change(file, old, new):
        shutil.copytree(SOLVED, tmp_path / "copy", ignore=shutil.ignore_patterns("__pycache__"))
        path = tmp_path / "copy" / "assignment3" / file
        text = path.read_text()
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
        path.write_text(text.replace(old, new))
        return tmp_path / "copy"

    return change
