"""Installed plugins are found by entry points, and imported only when a hook that they may implement is called."""

import sys
from pathlib import Path

import pytest

from phosphene_registry import Registry, State
from phosphene_registry.discovery import chosen

LAYER = """
from phosphene_core import hookimpl
from phosphene_core.testing.tiny import Mix

@hookimpl
def register_layers(register):
    register("{name}", Mix)
"""


@pytest.fixture
def installs(tmp_path, monkeypatch):
    """`install(distribution, name, source)`: as pip leaves it, a module and its metadata on the path, and no other."""
    standard = [p for p in sys.path if Path(p).parent.name.startswith("lib") and "site-packages" not in p]
    standard += [p for p in sys.path if p.endswith("lib-dynload")]
    monkeypatch.setattr(sys, "path", [str(tmp_path), *standard])

    def install(distribution, name, source, value=None):
        module = f"strange_{name}"
        (tmp_path / f"{module}.py").write_text(source)
        info = tmp_path / f"{distribution}-1.5.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.5\n")
        (info / "entry_points.txt").write_text(f"[phosphene.plugins]\n{name} = {value or module}\n")
        return module

    yield install
    for name in [n for n in sys.modules if n.startswith("strange_")]:
        del sys.modules[name]


def test_an_installed_plugin_is_found_with_its_distribution_and_version(installs):
    installs("strange-dist", "one", LAYER.format(name="strange_mix"))
    registry = Registry()
    entry = registry.catalogue["layer"]["strange_mix"]
    assert (entry.plugin.distribution, entry.plugin.version) == ("strange-dist", "1.5")


def test_it_is_imported_only_for_a_hook_that_its_source_mentions(installs):
    module = installs("strange-dist", "one", LAYER.format(name="strange_mix"))
    registry = Registry()
    list(registry.callers("register_commands"))
    assert module not in sys.modules
    list(registry.callers("register_layers"))
    assert module in sys.modules


def test_asking_for_one_kind_does_not_import_plugins_of_another(installs):
    both = LAYER.format(name="strange_mix") + "\n@hookimpl\ndef register_optimizers(register): pass\n"
    installs("a-dist", "both", both)
    module = installs("b-dist", "other", LAYER.format(name="strange_other"))
    registry = Registry()
    assert not registry.catalogue["optimizer"]
    assert module not in sys.modules
    assert set(registry.catalogue["layer"]) == {"strange_mix", "strange_other"}


@pytest.mark.parametrize("source", ["raise ImportError('no')", "from os import *", "x = 1"])
def test_a_source_that_tells_nothing_is_always_imported(installs, source):
    installs("strange-dist", "one", source)
    registry = Registry()
    list(registry.callers("register_commands"))
    plugin = registry.plugin("one")
    assert plugin.module is not None or plugin.state == State.BROKEN


def test_an_entry_point_to_nowhere_is_a_broken_plugin(installs):
    installs("strange-dist", "one", "", value="strange_nowhere.plugin")
    registry = Registry()
    registry.load_all()
    assert "No module named 'strange_nowhere'" in registry.plugin("one").reason


def test_distributions_decide_the_order_not_the_path(installs):
    installs("b-dist", "first", LAYER.format(name="strange_mix"))
    installs("A-dist", "second", LAYER.format(name="strange_mix"))
    assert Registry().catalogue["layer"]["strange_mix"].plugin.name == "second"


def test_a_module_that_is_not_installed_can_be_loaded_by_name(tmp_path, monkeypatch):
    (tmp_path / "strange_own.py").write_text(LAYER.format(name="own_mix"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    registry = Registry(discover=False, load=["strange_own"])
    entry = registry.catalogue["layer"]["own_mix"]
    assert (entry.plugin.name, entry.plugin.version) == ("strange_own", None)
    del sys.modules["strange_own"]


def test_the_values_of_p():
    assert chosen(["a.b", "no:c", "d"]) == (("a.b", "d"), ("c",))
