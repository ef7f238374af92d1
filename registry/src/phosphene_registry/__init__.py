"""Finds Phosphene's plugins, keeps the catalogue of what they register, and holds the command line."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from phosphene_registry.catalogue import Catalogue, Entry
    from phosphene_registry.plugin import Plugin, State
    from phosphene_registry.registry import Registry

__version__ = "0.1.0"

__all__ = ["Catalogue", "Entry", "Plugin", "Registry", "State"]

_HOMES = {"Catalogue": "catalogue", "Entry": "catalogue", "Plugin": "plugin", "Registry": "registry", "State": "plugin"}


def __getattr__(name: str) -> Any:
    """The public names, imported when they are asked for: the command starts before numpy is there."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
