"""What this plugin adds: `phosphene new`."""

import enum
from pathlib import Path
from typing import Annotated, Any

import typer

from phosphene_core.hooks import hookimpl


class Kind(enum.StrEnum):
    """What the new plugin registers."""

    layer = "layer"
    model = "model"
    optimizer = "optimizer"
    technique = "technique"
    objective = "objective"
    dataset = "dataset"


@hookimpl
def register_commands(app: Any, registry: Any) -> None:
    @app.command("new")
    def new(
        name: Annotated[str, typer.Argument(help="What it is called: small letters, digits and _, a letter first.")],
        kind: Annotated[Kind, typer.Option(help="What it registers.")],
        output: Annotated[Path | None, typer.Option("--output", "-o", help="The folder to write; phosphene-NAME if not given.")] = None,
    ) -> None:  # fmt: skip
        """Write a complete plugin with a worked example and tests, to be changed into yours."""
        from phosphene_scaffold.name import Name
        from phosphene_scaffold.writing import write

        called = Name(name)
        called.check_free(kind, registry)
        folder = output or Path(called.distribution)
        for path in write(called, kind, folder):
            typer.echo(f"{folder / path}")
        typer.echo(f"\nNext: pip install -e {folder} && phosphene check {called.snake} && pytest {folder}")
