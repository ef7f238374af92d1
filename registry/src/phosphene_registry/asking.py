"""Which objective a user means: the one that is named, the one whose settings are given, or the technique's own."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from phosphene_core.errors import SettingError
from phosphene_registry.resolver import build_entry, find
from phosphene_registry.spec import parse

if TYPE_CHECKING:
    from phosphene_registry.catalogue import Entry
    from phosphene_registry.registry import Registry


def choose(registry: "Registry", default: str, named: str | None, given: Mapping[str, Any]) -> tuple[str, Any]:
    """(name, objective). `default`: what the technique asks by itself; `named`: `--objective`; `given`: settings from
    single options.

    Without a name the default is taken if it has all the given settings; else the objective that has them with the
    fewest others. `SettingError` tells what is missing or cannot go together.
    """
    if named is not None:
        entry, settings = find(registry.catalogue, parse(named), "objective")
        return entry.name, build_entry(registry.catalogue, entry, {**settings, **given})
    entries = registry.entries("objective")
    if not given:
        entry = _complete(registry.catalogue.get_entry("objective", default))
        return default, build_entry(registry.catalogue, entry, {})
    flags = ", ".join(map(_flag, given))
    knowing = {n: e for n, e in entries.items() if set(given) <= {o.name for o in e.options}}
    if not knowing:
        raise SettingError(f"no objective takes {flags} together; `phosphene objectives` lists them")
    able = [e for e in knowing.values() if all(o.name in given for o in e.options if o.required)]
    if default in knowing and (knowing[default] in able or not able):
        chosen = knowing[default]
    elif able:
        able.sort(key=lambda e: len(e.options))
        chosen = able[0]
        if len(able) > 1 and len(able[1].options) == len(chosen.options):
            names = ", ".join(e.name for e in able if len(e.options) == len(chosen.options))
            raise SettingError(f"{flags} may mean several objectives ({names}); say which with --objective NAME")
    else:
        needs = {
            n: [_flag(o.name) for o in e.options if o.required and o.name not in given] for n, e in knowing.items()
        }
        wanted = "; ".join(f"{n} needs {' and '.join(m)}" for n, m in needs.items())
        raise SettingError(f"{flags} is not enough for an objective: {wanted}")
    return chosen.name, build_entry(registry.catalogue, chosen, given)


def question_settings(
    registry: "Registry", default: str, named: str | None, given: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """The settings that single options give the question. One that the technique has as well (`--layer` of Grad-CAM)
    counts for both, if the question that the others ask has it."""
    own = dict(given.get("objective", {}))
    if named is None and own:
        name, _ = choose(registry, default, None, own)
        takes = {o.name for o in registry.catalogue.get_entry("objective", name).options}
        own = {k: v for k, v in given.get("technique", {}).items() if k in takes} | own
    return own


def _complete(entry: "Entry") -> "Entry":
    """The entry, if it needs nothing to be said; `SettingError` tells what to say."""
    if needed := [o for o in entry.options if o.required]:
        flags = " and ".join(f"{_flag(o.name)} ({o.help})" for o in needed)
        raise SettingError(f"say what to ask about: the question '{entry.name}' needs {flags}")
    return entry


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")
