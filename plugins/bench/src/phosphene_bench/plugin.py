"""What this plugin registers: the command `phosphene bench`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from phosphene_core.hooks import hookimpl


@hookimpl
def register_commands(app: Any, registry: Any) -> None:
    @app.command("bench")
    def bench(
        names: Annotated[
            list[str] | None,
            typer.Argument(metavar="NAME...", help="only cases with one of these in their name", show_default=False),
        ] = None,
        compare: Annotated[
            Path | None, typer.Option(metavar="FILE", help="what --json printed before, to compare with")
        ] = None,
        quick: Annotated[bool, typer.Option("--quick", help="measure each case only a moment")] = False,
        json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
    ) -> None:
        """Measure kernels, layers and whole steps on this machine: time, GFLOP/s, share of the peak, memory.

        The peak is what numpy's product of two 2048 x 2048 matrices reaches in the same process. Anything else that runs
        meanwhile is measured too. Exits with 1 if a case fails.
        """
        from phosphene_bench.running import run

        if not run(registry, names or (), compare, quick, json):
            raise typer.Exit(1)
