"""Where plugins come from: the entry points of what is installed, and modules named by the user."""

import importlib
import os
import re
import sys
from collections.abc import Iterable

from phosphene_registry.plugin import Candidate

GROUP = "phosphene.plugins"
DISABLE = "PHOSPHENE_DISABLE"


def installed() -> list[Candidate]:
    """A candidate for each entry point of the group `phosphene.plugins`, by distribution name, then by its own."""
    from importlib.metadata import entry_points

    found = []
    for point in entry_points(group=GROUP):
        distribution = point.dist
        found.append(
            Candidate(
                point.name,
                point.load,
                distribution.name if distribution else None,
                (lambda d=distribution: d.version if d else None),
            )
        )
    return sorted(found, key=lambda c: ((c.distribution or "").lower(), c.name))


def by_module(name: str) -> Candidate:
    """A candidate for a module that is not installed; the working directory is searched as `python -m` does."""

    def load() -> object:
        if (here := os.getcwd()) not in sys.path:
            sys.path.insert(0, here)
        return importlib.import_module(name)

    return Candidate(name, load)


def disabled_by_environment() -> tuple[str, ...]:
    """The names in `PHOSPHENE_DISABLE`, separated by commas or spaces."""
    return tuple(n for n in re.split(r"[,\s]+", os.environ.get(DISABLE, "")) if n)


def chosen(arguments: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The values of `-p`, as (modules to load, plugins to leave out): `no:NAME` leaves one out."""
    load, leave = [], []
    for value in arguments:
        (leave if value.startswith("no:") else load).append(value.removeprefix("no:"))
    return tuple(load), tuple(leave)
