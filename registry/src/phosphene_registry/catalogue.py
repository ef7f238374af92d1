"""The catalogue: what is registered, by kind and name."""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from phosphene_core.errors import NotFoundError, unknown
from phosphene_core.options import Option, options_of
from phosphene_registry.kinds import KINDS
from phosphene_registry.plugin import Plugin

if TYPE_CHECKING:
    from phosphene_registry.registry import Registry


@attrs.frozen
class Entry:
    """One registered class: its kind, its name, and the plugin that it comes from."""

    kind: str
    name: str
    cls: Any
    plugin: Plugin

    @property
    def where(self) -> str:
        """`phosphene_lstm.layer.LSTM`"""
        return f"{self.cls.__module__}.{self.cls.__qualname__}"

    @property
    def summary(self) -> str:
        """The first sentence of its docstring."""
        paragraph = " ".join(self.text.split("\n\n")[0].split())
        return re.split(r"(?<=[a-z0-9)\]}][.:])\s+(?=[A-Z`])", paragraph, maxsplit=1)[0]

    @property
    def text(self) -> str:
        """Its docstring, without the indentation."""
        import inspect

        own = vars(self.cls).get("__doc__") or ""
        return inspect.cleandoc(own)

    @property
    def help(self) -> str:
        """Its docstring for a help page: a line per paragraph, markup left alone."""
        paragraphs = (" ".join(p.split()) for p in self.text.split("\n\n"))
        return "\n\n".join(paragraphs).replace("[", r"\[")

    @property
    def options(self) -> list[Option]:
        """Its settings."""
        return options_of(self.cls)


class Catalogue(Mapping[str, Mapping[str, Entry]]):
    """kind -> name -> entry. A kind's plugins are asked when the kind is first looked at.

    `catalogue["layer"]["lstm"]`; `get_entry("layer", "lsmt")` raises the error that proposes `lstm`.
    """

    def __init__(self, registry: "Registry") -> None:
        self._registry = registry

    def __getitem__(self, kind: str) -> Mapping[str, Entry]:
        if kind not in KINDS:
            raise unknown("kind", kind, KINDS)
        return self._registry.entries(kind)

    def __iter__(self) -> Iterator[str]:
        return iter(KINDS)

    def __len__(self) -> int:
        return len(KINDS)

    def get_entry(self, kind: str, name: str, base: type | tuple[type, ...] | None = None) -> Entry:
        """The entry called `name`; `NotFoundError` proposes others (only subclasses of `base`, if it is given)."""
        entries = self[kind]
        if name in entries and (base is None or issubclass(entries[name].cls, base)):
            return entries[name]
        fitting = [n for n, e in entries.items() if base is None or issubclass(e.cls, base)]
        raise NotFoundError(f"{unknown(kind, name, fitting)}{self.broken_words}")

    @property
    def broken_words(self) -> str:
        """What an error about something missing should add: the plugins that are known to be broken."""
        broken = [p.name for p in self._registry.plugins.values() if p.state == "broken"]
        return f" (broken plugins: {', '.join(broken)}; see `phosphene plugins`)" if broken else ""

    def by_class_name(self, kind: str) -> dict[str, Any]:
        """Class name -> class, as model files and JSON settings name them."""
        return {e.cls.__name__: e.cls for e in self[kind].values()}

    def find(self, cls: type) -> Entry | None:
        """The entry of a class, if it is registered."""
        return next((e for kind in KINDS for e in self[kind].values() if e.cls is cls), None)
