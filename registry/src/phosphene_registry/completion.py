"""What the shell proposes while a name is typed."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from phosphene_registry.registry import Registry

Complete = Callable[[str], list[str]]


def names(registry: "Registry", kind: str, base: type | tuple[type, ...] = object) -> Complete:
    """The registered names of a kind (of subclasses of `base`)."""

    def complete(incomplete: str) -> list[str]:
        found = registry.entries(kind).values()
        return [e.name for e in found if e.name.startswith(incomplete) and issubclass(e.cls, base)]

    return complete


def plugin_names(registry: "Registry") -> Complete:
    """The names of all plugins, whatever their state."""
    return lambda incomplete: [n for n in registry.plugins if n.startswith(incomplete)]
