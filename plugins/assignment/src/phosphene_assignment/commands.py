"""`phosphene assignment start`, `grade` and `submit`."""

from pathlib import Path
from typing import Annotated, Any

import typer


def add(app: Any) -> None:
    """Add the commands."""

    @app.command("assignment start")
    def start(
        folder: Annotated[Path, typer.Argument(help="A folder that is empty, or not there yet.", metavar="DIR")],
    ) -> None:
        """Lay out the assignment: functions to write, notebooks, instructions."""
        from phosphene_assignment.starting import lay_out

        for name in lay_out(folder):
            typer.echo(folder / name)
        typer.echo(f"Begin with {folder / 'README.md'}. See how far you are: phosphene assignment grade {folder}")

    @app.command("assignment submit")
    def submit(
        folder: Annotated[Path, typer.Argument(help="The folder of the assignment.", metavar="DIR")],
        output: Annotated[Path | None, typer.Option("--output", "-o", help="The file (default: DIR/assignment3.zip).")] = None,
    ) -> None:
        """Pack assignment3.zip, list what went in, and tell what is missing."""
        from phosphene_assignment.handing_in import pack

        packed = pack(folder, output)
        for name in packed.included:
            typer.echo(f"in: {name}")
        for name, reason in packed.left_out:
            typer.echo(f"left out: {name} ({reason})")
        for line in packed.missing:
            typer.echo(f"missing: {line}")
        size = packed.file.stat().st_size
        typer.echo(f"{packed.file}: {len(packed.included)} files, {max(1, size >> 10)} kB, {len(packed.missing)} things missing")

    @app.command("assignment grade")
    def grade(
        folders: Annotated[list[Path], typer.Argument(help="Submissions (folders or zip files), or folders of them.", metavar="DIR...")],
        part: Annotated[str | None, typer.Option(help="Grade one part only: rnn, lstm, gradients, generation or extra.")] = None,
        json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
        gradescope: Annotated[Path | None, typer.Option(help="Write Gradescope's results.json of one submission here.")] = None,
        csv: Annotated[Path | None, typer.Option(help="Write a table for a grade book here.")] = None,
        reports: Annotated[Path | None, typer.Option(help="Write a text for each submission into this folder.")] = None,
        seed: Annotated[int | None, typer.Option(help="Seed of the questions (default: a new one each time).", min=0)] = None,
        seconds: Annotated[int, typer.Option(help="Seconds of computing that an item may take.", min=1)] = 20,
        memory: Annotated[int, typer.Option(help="Megabytes of memory that an item may take.", min=256)] = 2048,
        jobs: Annotated[int | None, typer.Option(help="Items graded at a time (default: one for each core).", min=1)] = None,
    ) -> None:  # fmt: skip
        """Grade submissions: points by part, and for each item what was expected and what came."""
        from phosphene_assignment.grading_command import run

        run(folders, part, json, gradescope, csv, reports, seed, seconds, memory, jobs)
