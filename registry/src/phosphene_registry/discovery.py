"""Where plugins come from: the entry points of what is installed, and modules named by the user."""

import contextlib
import importlib
import itertools
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator
from functools import cached_property, partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from phosphene_core import hooks
from phosphene_registry.plugin import Candidate

GROUP = "phosphene.plugins"
DISABLE = "PHOSPHENE_DISABLE"


def installed() -> list[Candidate]:
    """A candidate for each entry point of the group `phosphene.plugins`, by distribution name, then by its own."""
    from importlib.metadata import entry_points

    found = []
    for point in entry_points(group=GROUP):
        dist = point.dist
        name, version = (dist.name, partial(getattr, dist, "version")) if dist else (None, lambda: None)
        found.append(Candidate(point.name, point.load, name, version, Mentions(point.value, dist)))
    return sorted(found, key=lambda c: ((c.distribution or "").lower(), c.name))


class Mentions:
    """Whether a plugin may implement a hook, read off its source, so that `phosphene --help` need not import them all.

    A module whose source cannot be found, imports names with `*`, or mentions no hook at all may implement anything.
    """

    def __init__(self, value: str, distribution: Any = None) -> None:
        self.module, self.distribution = value, distribution

    def __call__(self, hook: str) -> bool:
        return not self.hooks or hook in self.hooks

    @cached_property
    def hooks(self) -> frozenset[str]:
        """The hooks that the source mentions; empty where nothing can be told."""
        text = self._source()
        if text is None or re.search(r"import\s*\*", text):
            return frozenset()
        return frozenset(n for n, v in vars(hooks).items() if hasattr(v, "phosphene_spec") and n in text)

    def _source(self) -> str | None:
        relative = Path(*self.module.split("."))  # a value like "module:object" gives a file that does not exist
        for folder in itertools.chain(map(Path, sys.path), self._checkout()):
            for file in ((folder / relative).with_suffix(".py"), folder / relative / "__init__.py"):
                with contextlib.suppress(OSError, UnicodeDecodeError):
                    return file.read_text(encoding="utf-8")
        return None

    def _checkout(self) -> Iterator[Path]:
        """Where the source of an editable installation lies (PEP 610): some build tools leave it off the path."""
        with contextlib.suppress(Exception):  # nobody promises what is in this file
            url = json.loads(self.distribution.read_text("direct_url.json"))["url"]
            root = Path(unquote(urlparse(url).path))
            yield from (root / "src", root)


def handed_over(name: str, plugin: Any) -> Candidate:
    """A candidate for an object that is there already."""
    return Candidate(name, lambda: plugin)


def by_module(name: str) -> Candidate:
    """A candidate for a module that is not installed; the working directory is searched as `python -m` does."""

    def load() -> object:
        if (here := str(Path.cwd())) not in sys.path:
            sys.path.insert(0, here)
        return importlib.import_module(name)

    return Candidate(name, load)


def disabled_by_environment() -> tuple[str, ...]:
    """The names in `PHOSPHENE_DISABLE`, separated by commas or spaces."""
    return tuple(n for n in re.split(r"[,\s]+", os.environ.get(DISABLE, "")) if n)


def chosen(arguments: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The values of `-p`, as (modules to load, plugins to leave out): `no:NAME` leaves one out."""
    load: list[str] = []
    leave: list[str] = []
    for value in arguments:
        (leave if value.startswith("no:") else load).append(value.removeprefix("no:"))
    return tuple(load), tuple(leave)
