"""The contracts of everything that a plugin registers, as a table to parametrize a test with."""

import sys
import types
from typing import ClassVar

import attrs
import pytest

from phosphene_core import Dataset, hookimpl
from phosphene_core.testing import ContractError, contracts
from phosphene_core.testing.tiny import Mix


def test_a_plugin_as_a_table():
    plugin = types.ModuleType("plugin")
    plugin.register_layers = hookimpl(lambda register: (register("right", Mix), register("wrong", Unmakeable)))
    plugin.register_datasets = hookimpl(lambda register: register("rows", Rows))
    table = {str(c): c for c in contracts(plugin)}
    assert list(table) == ["layer right", "layer wrong", "dataset rows"]
    table["layer right"].check()
    with pytest.raises(ContractError, match="Unmakeable cannot be made with its defaults"):
        table["layer wrong"].check()
    with pytest.raises(ContractError, match=r"Rows has no classmethod example\(rng\)"):
        table["dataset rows"].check()
    assert contracts(sys) == []


@attrs.frozen
class Rows(Dataset):
    """A dataset that gives no example of itself."""

    splits: ClassVar[tuple[str, ...]] = ("train",)
    folder: str = attrs.field(kw_only=True)

    def size(self, split):
        return 0

    def batch(self, split, rows, rng=None):
        return {}


@attrs.frozen
class Unmakeable(Mix):
    """A layer whose required setting is no number."""

    name: str = attrs.field(kw_only=True)
