"""`phosphene plugins`: what is installed, how it fares, and what it registered."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from phosphene_registry.commands import INSTALLED
from phosphene_registry.console import show_json, show_table

if TYPE_CHECKING:
    from phosphene_registry.app import App
    from phosphene_registry.registry import Registry


def add(app: "App") -> None:
    """Add the command."""

    def plugins(json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False) -> None:
        """List the plugins: version, state, and what each registered."""
        rows = described(app.registry)
        if json:
            show_json(rows)
            return
        show_table(
            "",
            ("plugin", "version", "state", "registered"),
            [(r["name"], r["version"] or "–", _state(r), _registered(r)) for r in rows],
        )

    app.command("plugins", plugins, rich_help_panel=INSTALLED)


def described(registry: "Registry") -> list[dict[str, Any]]:
    """Every plugin as JSON values."""
    registry.load_all()
    return [
        {
            "name": name,
            "distribution": plugin.distribution,
            "version": plugin.version,
            "state": str(plugin.state),
            "reason": plugin.reason or None,
            "notes": plugin.notes,
            "registered": [{"kind": e.kind, "name": e.name} for e in registry.entries_of(plugin)],
        }
        for name, plugin in registry.plugins.items()
    ]


def _state(row: dict[str, Any]) -> str:
    notes = [row["reason"]] if row["reason"] else row["notes"]
    return f"{row['state']}: {'; '.join(notes)}" if notes else str(row["state"])


def _registered(row: dict[str, Any]) -> str:
    by_kind: dict[str, list[str]] = {}
    for thing in row["registered"]:
        by_kind.setdefault(thing["kind"], []).append(thing["name"])
    return "; ".join(f"{kind} {', '.join(names)}" for kind, names in by_kind.items())
