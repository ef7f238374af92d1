"""What this plugin registers: `phosphene data get` and `phosphene data check`."""

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from phosphene_core.hooks import hookimpl

FOLDER = "PHOSPHENE_DATA"


@hookimpl
def register_commands(app: Any, registry: Any) -> None:
    folder = Path(os.environ.get(FOLDER) or "data")

    @app.command("data get")
    def get(
        names: Annotated[
            list[str] | None,
            typer.Argument(metavar="NAME...", help="what to get; without a name, what there is", show_default=False),
        ] = None,
        output: Annotated[
            Path, typer.Option("--output", "-o", help=f"the folder for data sets (or {FOLDER})", metavar="DIR")
        ] = folder,
        places: Annotated[
            list[str] | None,
            typer.Option("--from", metavar="PLACE", show_default=False,
                         help="another address, file: address or path; a folder, or an address that ends in /, holds "
                              "the files under their own names (or PHOSPHENE_MIRROR)"),
        ] = None,
        again: Annotated[bool, typer.Option(help="replace what is there, once the new one is whole")] = False,
        tries: Annotated[
            int, typer.Option(help="how often an address may fail in a row without a further byte", min=1)
        ] = 6,
        timeout: Annotated[
            float, typer.Option(help="seconds without a byte after which a connection is given up", min=0.1)
        ] = 30.0,
    ) -> None:  # fmt: skip
        """Get data sets: whole, or not at all. A download that broke off is gone on with."""
        from phosphene_download.bars import bars
        from phosphene_download.fetch import Manner
        from phosphene_download.getting import get as run
        from phosphene_download.sources import SOURCES, source

        if not names:
            for one in SOURCES.values():
                typer.echo(f"{one.name:20} {one.about}")
            return
        for one in [source(n) for n in names]:
            there = (output / one.name).exists() and not again
            with bars() as ears:
                place = run(one, output, places or (), again, Manner(tries=tries, timeout=timeout), ears=ears)
            typer.echo(f"{place}: {'is there already' if there else 'whole'}")

    @app.command("data check")
    def check(
        names: Annotated[
            list[str] | None,
            typer.Argument(metavar="NAME...", help="what to check (default: all that is there)", show_default=False),
        ] = None,
        output: Annotated[
            Path, typer.Option("--output", "-o", help=f"the folder of data sets (or {FOLDER})", metavar="DIR")
        ] = folder,
    ) -> None:
        """Tell whether what `data get` brought is whole: every file is read again and compared."""
        from phosphene_core.errors import FileError, NotFoundError
        from phosphene_download import record

        places = [output / n for n in names] if names else sorted(p.parent for p in output.glob(f"*/{record.ORIGIN}"))
        if not places:
            raise NotFoundError(f"{output} holds nothing that `phosphene data get` brought")
        damaged = 0
        for place in places:
            if not place.is_dir():
                raise FileError(f"{place} is not there; `phosphene data get {place.name}` brings it")
            health = record.check(place)
            damaged += not health.whole
            parts = [f"{len(files):,} {word}, such as {files[0]}" for word, files in
                     (("missing", health.missing), ("changed", health.changed)) if files]  # fmt: skip
            typer.echo(f"{place}: {'; '.join(parts) or 'whole'} ({health.files:,} files)")
        if damaged:
            raise typer.Exit(1)
