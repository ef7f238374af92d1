"""Which objective is meant by the options that are given."""

import attrs
import pytest

from phosphene_core import Objective, hookimpl, option
from phosphene_core.errors import NotFoundError, SettingError
from phosphene_registry import Registry
from phosphene_registry.asking import choose


@attrs.frozen
class Asks(Objective):
    def __call__(self, trace):
        raise NotImplementedError


@attrs.frozen
class Score(Asks):
    """A class."""

    target: str | None = option(None, "the class")


@attrs.frozen
class Contrast(Asks):
    """This, not that."""

    target: str | None = option(None, "the class")
    against: str | None = option(None, "the other one")


@attrs.frozen
class Channel(Asks):
    """A channel."""

    layer: str = option(help="the layer")
    channel: int = option(help="the channel")


@attrs.frozen
class Activation(Asks):
    """A layer."""

    layer: str = option(help="the layer")


class Questions:
    @hookimpl
    def register_objectives(self, register):
        register("score", Score)
        register("log_score", type("LogScore", (Score,), {"__doc__": "Another."}))
        register("contrast", Contrast)
        register("channel", Channel)
        register("activation", Activation)


@pytest.fixture
def registry():
    return Registry([Questions()], discover=False)


@pytest.mark.parametrize(
    ("default", "named", "given", "wanted"),
    [
        ("score", None, {}, Score()),
        ("score", None, {"target": "cat"}, Score("cat")),
        ("score", None, {"target": "cat", "against": "dog"}, Contrast("cat", "dog")),
        ("score", None, {"layer": "conv1"}, Activation("conv1")),
        ("score", None, {"layer": "conv1", "channel": "3"}, Channel("conv1", 3)),
        ("channel", None, {"layer": "conv1"}, Activation("conv1")),
        ("channel", None, {"layer": "conv1", "channel": "3"}, Channel("conv1", 3)),
        ("channel", None, {"target": "cat", "against": "dog"}, Contrast("cat", "dog")),
        ("score", "channel:layer=conv2,channel=1", {}, Channel("conv2", 1)),
        ("score", "channel:layer=conv2", {"channel": "4"}, Channel("conv2", 4)),
        ("score", "contrast", {"target": "cat"}, Contrast("cat")),
    ],
)
def test_the_objective_is_the_one_whose_settings_are_given(registry, default, named, given, wanted):
    assert choose(registry, default, named, given)[1] == wanted


@pytest.mark.parametrize(
    ("default", "named", "given", "error", "words"),
    [
        ("channel", None, {}, SettingError, r"'channel' needs --layer \(the layer\) and --channel \(the channel\)"),
        (
            "score",
            None,
            {"channel": "3"},
            SettingError,
            "--channel is not enough for an objective: channel needs --layer",
        ),
        ("channel", None, {"target": "cat"}, SettingError, "several objectives .*score.*--objective"),
        (
            "score",
            None,
            {"target": "cat", "layer": "conv1"},
            SettingError,
            "no objective takes --target, --layer together",
        ),
        ("score", "scor", {}, NotFoundError, "did you mean 'score'"),
        ("score", "score", {"layer": "x"}, SettingError, "no setting of score is called 'layer'"),
        ("nowhere", None, {}, NotFoundError, "no objective is called 'nowhere'"),
    ],
)
def test_what_is_unclear_is_told(registry, default, named, given, error, words):
    with pytest.raises(error, match=words):
        choose(registry, default, named, given)
