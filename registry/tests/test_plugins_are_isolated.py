"""Each plugin is loaded by itself: what is wrong with one costs its own names only."""

import types
from typing import ClassVar

import attrs
import pytest

from phosphene_core import Layer, hookimpl, hooks, option
from phosphene_core.errors import NotFoundError
from phosphene_core.testing.tiny import Mix, Rectify
from phosphene_registry import Registry, State
from phosphene_registry.plugin import Candidate


def plugin(name, **hooks):
    """A module-like plugin with these hook implementations."""
    module = types.ModuleType(name)
    for hook, function in hooks.items():
        setattr(module, hook, hookimpl(function))
    return module


def registers(**classes):
    def register_layers(register):
        for name, cls in classes.items():
            register(name, cls)

    return register_layers


def candidate(name, distribution, module):
    return Candidate(name, lambda: module, distribution)


GOOD = plugin("good", register_layers=registers(mix=Mix))


def test_what_is_registered_is_found_with_where_it_comes_from():
    registry = Registry([GOOD], discover=False)
    entry = registry.catalogue["layer"]["mix"]
    assert entry.cls is Mix
    assert (entry.plugin.name, entry.where) == ("good", "phosphene_core.testing.tiny.Mix")
    assert entry.summary == "A 3x3 convolution, one pixel of padding: the slow, obvious way."
    assert [o.name for o in entry.options] == ["filters"]
    assert registry.catalogue.find(Mix) is entry
    assert set(registry.catalogue) == {"layer", "model", "optimizer", "objective", "technique", "dataset"}


def test_a_misspelt_name_is_answered_with_a_proposal():
    registry = Registry([GOOD], discover=False)
    with pytest.raises(NotFoundError, match="no layer is called 'mx'; did you mean 'mix'"):
        registry.catalogue.get_entry("layer", "mx")


def fails_to_import():
    raise RuntimeError("kaputt\nsecond line")


def leaves_on_import():
    raise SystemExit(3)


def late(register):
    register("early", Rectify)
    raise ValueError("too late")


@attrs.frozen
class Unfinished(Layer):
    """It has no forward."""


class Undecorated(Mix):
    extra: int = option(1, "not a field")


@attrs.frozen
class Misannotated(Mix):
    extra: "Nowhere" = option(None, "a type that does not exist")  # noqa: F821


BROKEN = {
    "raises on import": (fails_to_import, "cannot be imported: RuntimeError: kaputt"),
    "exits on import": (leaves_on_import, "cannot be imported: SystemExit: 3"),
    "misspelt hook": (lambda: plugin("x", register_layer=registers(a=Mix)), "did you mean 'register_layers'"),
    "wrong argument": (lambda: plugin("x", register_layers=lambda registre: None), "hooks do not fit"),
    "raises in its hook": (lambda: plugin("x", register_layers=late), "register_layers failed: ValueError: too late"),
    "not a class": (lambda: plugin("x", register_layers=registers(a=Mix())), "'a' must be a class"),
    "wrong kind": (lambda: plugin("x", register_layers=registers(a=dict)), "must be a subclass of Layer; dict is not"),
    "abstract": (lambda: plugin("x", register_layers=registers(a=Unfinished)), "does not implement forward, init"),
    "undecorated": (lambda: plugin("x", register_layers=registers(a=Undecorated)), "not marked @attrs.frozen"),
    "unknown type": (lambda: plugin("x", register_layers=registers(a=Misannotated)), "Nowhere"),
    "bad name": (lambda: plugin("x", register_layers=registers(**{"A-b": Mix})), "'A-b' is no name for a layer"),
    "empty name": (lambda: plugin("x", register_layers=registers(**{"": Mix})), "'' is no name for a layer"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_plugin_is_listed_with_its_reason_and_the_rest_work(case):
    load, reason = BROKEN[case]
    registry = Registry([Candidate("broken", load), GOOD], discover=False)
    registry.load_all()
    broken = registry.plugin("broken")
    assert broken.state == State.BROKEN
    assert reason in broken.reason
    assert "\n" not in broken.reason
    assert registry.entries_of(broken) == []
    assert list(registry.catalogue["layer"]) == ["mix"]


def test_a_plugin_that_fails_in_one_hook_has_no_names_of_another_kind_either():
    def register_optimizers(register):
        raise ValueError

    registry = Registry([plugin("x", register_layers=registers(a=Mix), register_optimizers=register_optimizers)], False)
    assert list(registry.catalogue["layer"]) == []


def test_an_error_about_a_missing_name_mentions_the_broken_plugin():
    registry = Registry([plugin("sad", register_layers=late)], discover=False)
    with pytest.raises(NotFoundError, match="broken plugins: sad"):
        registry.catalogue.get_entry("layer", "early")


def test_of_two_that_claim_a_name_the_first_distribution_keeps_it_whatever_the_order(monkeypatch):
    mine, theirs = (
        plugin("m", register_layers=registers(mix=Mix)),
        plugin("t", register_layers=registers(mix=Rectify, own=Mix)),
    )
    found = [candidate("a", "alpha", mine), candidate("b", "beta", theirs)]
    monkeypatch.setattr("phosphene_registry.discovery.installed", lambda: found)
    registry = Registry()
    assert registry.catalogue["layer"]["mix"].cls is Mix
    assert registry.catalogue["layer"]["own"].plugin.name == "b"
    assert registry.plugin("b").state == State.OK
    assert registry.plugin("b").notes == ["the layer 'mix' stays with a (alpha); b (beta) claims it too"]


def test_a_plugin_may_not_register_one_name_twice():
    def register_layers(register):
        register("a", Mix)
        register("a", Rectify)

    registry = Registry([plugin("x", register_layers=register_layers)], discover=False)
    registry.load_all()
    assert "registered twice" in registry.plugin("x").reason


def test_two_plugins_of_one_name_are_both_listed_and_the_first_works():
    other = candidate("good", "other", plugin("o", register_layers=registers(other=Rectify)))
    registry = Registry([GOOD, other], discover=False)
    registry.load_all()
    assert list(registry.catalogue["layer"]) == ["mix"]
    assert "its name is taken: good comes first" in registry.plugin("good (other)").reason


def test_a_disabled_plugin_is_not_even_imported(monkeypatch):
    registry = Registry([Candidate("bad", fails_to_import), GOOD], discover=False, disable=["bad"])
    registry.load_all()
    assert registry.plugin("bad").state == State.DISABLED
    monkeypatch.setenv("PHOSPHENE_DISABLE", "good, other")
    registry = Registry([GOOD], discover=False)
    assert list(registry.catalogue["layer"]) == []
    assert registry.plugin("good").state == State.DISABLED


def test_disabling_what_is_not_there_is_a_mistake():
    with pytest.raises(NotFoundError, match="no plugin is called 'goood'; did you mean 'good'"):
        Registry([GOOD], discover=False, disable=["goood"])


def test_a_plugin_can_say_how_it_fares():
    registry = Registry([plugin("x", describe_state=lambda: "no compiler was found")], discover=False)
    registry.load_all()
    registry.load_all()
    assert registry.plugin("x").notes == ["no compiler was found"]


def test_an_object_with_hooks_is_a_plugin_too():
    class Own:
        @hookimpl
        def register_layers(self, register):
            register("mix", Mix)

    assert Registry([Own()], discover=False).catalogue["layer"]["mix"].plugin.name == "Own"


def test_a_deprecated_hook_works_and_is_announced(monkeypatch):
    """As a hook that goes would be specified: pluggy's warning becomes the plugin's note."""
    notice = DeprecationWarning("frame_ready is deprecated; picture_ready takes its place")
    monkeypatch.setattr(hooks.frame_ready, "phosphene_spec", {**hooks.frame_ready.phosphene_spec, "warn_on_impl": notice})

    class Watcher:
        name = "watcher"
        seen: ClassVar[list] = []

        @hookimpl
        def frame_ready(self, frame):
            self.seen.append(frame)

    registry = Registry([Watcher()], discover=False)
    for _, caller in registry.callers("frame_ready"):
        caller(technique=None, frame=1)
    assert Watcher.seen == [1]
    plugin = registry.plugins["watcher"]
    assert (plugin.state, plugin.notes) == ("ok", ["frame_ready is deprecated; picture_ready takes its place"])
