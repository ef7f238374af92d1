"""Finds Phosphene's plugins, keeps the catalogue of what they register, and holds the command line."""

from phosphene_registry.catalogue import Catalogue, Entry
from phosphene_registry.plugin import Plugin, State
from phosphene_registry.registry import Registry

__version__ = "0.1.0"

__all__ = ["Catalogue", "Entry", "Plugin", "Registry", "State"]
