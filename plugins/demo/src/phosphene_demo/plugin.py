"""What this plugin registers: the command `phosphene demo`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from phosphene_core.hooks import hookimpl


@hookimpl
def register_commands(app: Any, registry: Any) -> None:
    @app.command("demo")
    def demo(
        out: Annotated[Path, typer.Option("-o", "--out", help="folder of the page")] = Path("out"),
        seconds: Annotated[float, typer.Option(help="longest time for one technique", min=0)] = 12.0,
        seed: Annotated[int, typer.Option(help="seed of everything that is random", min=0)] = 0,
    ) -> None:
        """Write out/index.html: real photographs, what the network says of each, and what every technique shows."""
        from phosphene_demo.page import build

        for line in build(registry, out, seconds, seed):
            typer.echo(line)
