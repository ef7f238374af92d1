"""`phosphene check [NAME...]`: holds what is registered to its contracts."""

import sys
import traceback
from typing import TYPE_CHECKING, Annotated, Any

import typer

from phosphene_registry.completion import plugin_names
from phosphene_registry.console import say, show_json, show_table
from phosphene_registry.plugin import State

if TYPE_CHECKING:
    from phosphene_registry.app import App


def add(app: "App") -> None:
    """Add the command."""
    registry = app.registry

    def check(
        names: Annotated[list[str] | None, typer.Argument(help="Only these plugins, or what is registered so.",
                                                          metavar="NAME...",
                                                          autocompletion=plugin_names(registry))] = None,
        json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
        traces: Annotated[bool, typer.Option("--traces", help="Show where each failure comes from.")] = False,
    ) -> None:  # fmt: skip
        """Hold everything that is registered to its contract: gradients, shapes, seeds, nothing changed by use.

        Exits with 1 if anything fails, or if a plugin that is meant is broken.
        """
        from phosphene_registry.checking import FAILED, SKIPPED, check_all
        from phosphene_registry.progress import steps_bar

        registry.load_all()
        meant = [registry.plugins[n] for n in names or () if n in registry.plugins]
        if not names:
            meant = [p for p in registry.plugins.values() if p.state != State.DISABLED]
        entries = [e for p in meant for e in registry.entries_of(p)]
        entries += [e for n in names or () if n not in registry.plugins for e in registry.called(n)]
        verdicts = []
        with steps_bar() as bar:
            task = bar.add_task("checking", total=len(entries))
            for verdict in check_all(entries):
                verdicts.append(verdict)
                bar.update(task, advance=1, description=f"checked {verdict.entry.kind} {verdict.entry.name}")
        if traces:
            for v in verdicts:
                if v.error is not None:
                    traceback.print_exception(v.error)
        bad = [p for p in meant if p.state != State.OK]
        rows: list[dict[str, Any]] = [
            {"plugin": v.entry.plugin.name, "kind": v.entry.kind, "name": v.entry.name, "state": v.state,
             "reason": v.reason or None, "seconds": round(v.seconds, 3)} for v in verdicts
        ]  # fmt: skip
        rows += [{"plugin": p.name, "kind": None, "name": None, "state": str(p.state), "reason": p.reason} for p in bad]
        failed = sum(v.state == FAILED for v in verdicts) + len(bad)
        if json:
            show_json(rows)
        else:
            show_table("", ("plugin", "kind", "name", "state", "seconds"), map(_row, rows))
            skipped = sum(v.state == SKIPPED for v in verdicts)
            left = f", {skipped} skipped" if skipped else ""
            sys.stdout.write(f"{len(rows) - failed - skipped} of {len(rows)} hold{left}\n")
        if failed:
            say(f"phosphene: {failed} of {len(rows)} checks failed")
            raise typer.Exit(1)

    app.command("check", check)


def _row(row: dict[str, Any]) -> tuple[str, ...]:
    state = f"{row['state']}: {row['reason']}" if row["reason"] else row["state"]
    return row["plugin"], row["kind"] or "", row["name"] or "", state, f"{row.get('seconds', 0):.2f}"
