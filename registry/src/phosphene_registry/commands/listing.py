"""`phosphene layers`, `models`, `techniques`, ...: what is registered, as a table, or one thing whole."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from phosphene_core.conversion import type_name
from phosphene_registry.commands import INSTALLED
from phosphene_registry.completion import names
from phosphene_registry.console import out, show_json, show_table
from phosphene_registry.flags import default_words

if TYPE_CHECKING:
    from phosphene_core.options import Option
    from phosphene_registry.app import App
    from phosphene_registry.catalogue import Entry

WORDS = {"dataset": "data sets"}


def add(app: "App") -> None:
    """Add one command per kind."""
    for kind in ("technique", "objective", "model", "layer", "optimizer", "dataset"):
        app.command(f"{kind}s", _listing(app, kind), rich_help_panel=INSTALLED)


def _listing(app: "App", kind: str) -> Callable[..., None]:
    words = WORDS.get(kind, f"{kind}s")

    def listing(
        name: Annotated[
            str | None, typer.Argument(help="Tell this one whole.", autocompletion=names(app.registry, kind))
        ] = None,
        json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
    ) -> None:
        if name is not None:
            entry = app.registry.catalogue.get_entry(kind, name)
            show_json(described(entry)) if json else _tell(entry)
            return
        entries = app.registry.entries(kind).values()
        if json:
            show_json([described(e) for e in entries])
        elif not entries:
            out().print(f"no {words} are registered; `phosphene plugins` lists what is installed")
        else:
            show_table("", (kind, "what it is", "plugin"), [(e.name, e.summary, e.plugin.name) for e in entries])

    listing.__doc__ = f"List the {words}, or tell one whole with its settings."
    return listing


def described(entry: "Entry") -> dict[str, Any]:
    """One registered thing as JSON values."""
    facts: dict[str, Any] = {
        "kind": entry.kind,
        "name": entry.name,
        "summary": entry.summary,
        "text": entry.text,
        "plugin": entry.plugin.name,
        "distribution": entry.plugin.distribution,
        "version": entry.plugin.version,
        "class": entry.where,
        "settings": [_option(o) for o in entry.options],
    }
    if entry.kind == "technique":
        from phosphene_core.technique import Attribution

        facts |= {
            "makes": "a map" if issubclass(entry.cls, Attribution) else "a picture",
            "paper": entry.cls.paper,
            "objective": entry.cls.objective,
            "picture": entry.cls.picture,
        }
    return facts


def _option(option: "Option") -> dict[str, Any]:
    facts: dict[str, Any] = {"name": option.name, "type": type_name(option.type), "required": option.required}
    if not option.required:
        default = option.default
        facts["default"] = default if isinstance(default, bool | int | float | str | tuple | None) else str(default)
    return facts | {"help": option.help, "bounds": option.bounds, "choices": list(option.choices)}


def _tell(entry: "Entry") -> None:
    facts = described(entry)
    console = out()
    console.print(
        f"[bold]{entry.name}[/bold], a {entry.kind} of {entry.plugin.title} {facts['version'] or ''}".rstrip()
    )
    console.print(f"\n{entry.text}\n", markup=False)
    if facts.get("paper"):
        console.print(f"paper: {facts['paper']}", markup=False)
    if entry.kind == "technique":
        console.print(f"makes {facts['makes']}; asks about {facts['objective']} unless told otherwise", markup=False)
    console.print(f"class: {facts['class']}", markup=False)
    if entry.options:
        rows = [(o.name, o.type_words + _bounds(o), "required" if o.required else default_words(o), o.help)
                for o in entry.options]  # fmt: skip
        show_table("", ("setting", "type", "default", "what it does"), rows)
    else:
        console.print("\nIt has no settings.")


def _bounds(option: "Option") -> str:
    signs = {"gt": ">", "ge": "≥", "lt": "<", "le": "≤"}
    if option.choices:
        return f" ({', '.join(map(str, option.choices))})"
    return "".join(f" {signs[k]} {v:g}" for k, v in option.bounds.items())
