"""The cases that plugins offer through the hook `register_benchmarks`."""

from collections.abc import Callable, Iterable
from typing import Any

import attrs

from phosphene_core.errors import PhospheneError

KINDS = ("kernel", "layer", "step")
Work = Callable[[], object]


@attrs.frozen
class Case:
    """One row of the table. `make` prepares the inputs and gives what is timed; `operations`: how many floating-point
    operations that does, None where they are not what it takes its time for."""

    plugin: str
    kind: str
    name: str
    make: Callable[[], Work]
    operations: float | None = None

    @property
    def title(self) -> str:
        """What a name on the command line is looked for in, and what tells cases of two runs together."""
        return f"{self.plugin} {self.kind}: {self.name}"


def collect(registry: Any, say: Callable[[str], None]) -> list[Case]:
    """Every case of every plugin, kernels first; a plugin that fails to offer its own is told and has none."""
    found: list[Case] = []
    for plugin, caller in registry.callers("register_benchmarks"):
        own: list[Case] = []
        try:
            caller(register=_collector(plugin.name, own), registry=registry)
        except (Exception, SystemExit) as error:
            say(f"phosphene: the plugin {plugin.title} failed in register_benchmarks: {' '.join(str(error).split())}")
            continue
        found += own
    return sorted(found, key=lambda c: KINDS.index(c.kind))


def chosen(cases: Iterable[Case], names: Iterable[str]) -> list[Case]:
    """The cases whose title holds one of `names`; all of them if there are none."""
    cases, wanted = list(cases), [n.lower() for n in names]
    for name in wanted:
        if not any(name in c.title.lower() for c in cases):
            plugins = ", ".join(sorted({c.plugin for c in cases})) or "none"
            raise PhospheneError(f"no benchmark has '{name}' in its name; plugins that bring some: {plugins}")
    return [c for c in cases if not wanted or any(n in c.title.lower() for n in wanted)]


def _collector(plugin: str, into: list[Case]) -> Callable[..., None]:
    def register(kind: str, name: str, make: Callable[[], Work], operations: float | None = None) -> None:
        if kind not in KINDS:
            raise ValueError(f"'{kind}' is no kind of benchmark; there are {', '.join(KINDS)}")
        if any(c.kind == kind and c.name == name for c in into):
            raise ValueError(f"the {kind} '{name}' is offered twice")
        into.append(Case(plugin, kind, name, make, operations))

    return register
