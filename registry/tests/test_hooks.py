"""Every hook is documented, for whoever writes a plugin and for whoever reads the code."""

from pathlib import Path

import pytest

from phosphene_core import hooks

NAMES = [name for name, value in vars(hooks).items() if hasattr(value, "phosphene_spec")]
README = (Path(__file__).parents[1] / "README.md").read_text().partition("## The hooks")[2]


@pytest.mark.parametrize("name", NAMES)
def test_a_hook_is_documented(name):
    assert f"`{name}" in README
    assert len(getattr(hooks, name).__doc__) > 10


def test_only_hooks_that_exist_are_documented():
    told = {word.partition("(")[0] for word in README.split("`")[1::2] if "_" in word and not word.startswith("register(")}
    assert told <= set(NAMES)
