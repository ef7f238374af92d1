"""`phosphene run TECHNIQUE IMAGE...`: asks a model about photographs, and writes pictures and a result.json."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from phosphene_registry.completion import names
from phosphene_registry.console import show_json, show_remarks
from phosphene_registry.flags import Flag, flags, united, with_flags
from phosphene_registry.lazy_group import lazy_group

if TYPE_CHECKING:
    from phosphene_registry.app import App
    from phosphene_registry.catalogue import Entry
    from phosphene_registry.registry import Registry

RESULT = "result.json"
OWN = {"images", "model", "objective", "output", "seed", "max-side", "max_side", "frames", "grid", "json", "help"}


def add(app: "App") -> None:
    """Add the group `run`, with a command for each registered technique."""
    registry = app.registry
    help = "Ask a model about photographs: `phosphene run saliency photo.jpg`. Each technique is a command."
    techniques = lambda: registry.entries("technique")  # noqa: E731
    app.add_group("run", lazy_group("technique", techniques, lambda name: command_for(registry, name), help))


def command_for(registry: "Registry", name: str) -> Callable[..., Any]:
    """The function behind `phosphene run NAME`: its settings and those of every objective are its options."""
    entry = registry.catalogue.get_entry("technique", name)

    def run(
        images: Annotated[
            list[str] | None,
            typer.Argument(help="Pictures: files, folders, patterns.", metavar="IMAGE...", show_default=False),
        ] = None,
        model: Annotated[
            str | None,
            typer.Option(help=f"A model by name, or a model file or a run's folder (default: {entry.cls.model or 'the embedded one'}).", metavar="NAME|FILE",
                         autocompletion=names(registry, "model")),
        ] = None,
        objective: Annotated[
            str | None,
            typer.Option(help=f"The question: NAME[:key=value...] (default {entry.cls.objective}).", metavar="SPEC",
                         autocompletion=names(registry, "objective")),
        ] = None,
        output: Annotated[
            Path | None,
            typer.Option("--output", "-o", help=f"Where results go (default out/{name}).", metavar="DIR"),
        ] = None,
        seed: Annotated[int, typer.Option(help="Seed of everything that is random.", min=0)] = 0,
        max_side: Annotated[
            int, typer.Option(help="Longest side of a photograph that is worked on whole, in pixels.", min=16)
        ] = 768,
        frames: Annotated[
            int, typer.Option(help="How many frames of a made picture to write besides the film.", min=0)
        ] = 0,
        grid: Annotated[
            list[str] | None,
            typer.Option(help="Compare on one sheet: with other techniques (gradcam,lrp), or values of a setting "
                         "(layer=conv2,conv4).", metavar="TECHNIQUE,...|SETTING=VALUE,..."),
        ] = None,
        json: Annotated[bool, typer.Option("--json", help="Print what result.json holds.")] = False,
        *,
        given: dict[str, dict[str, Any]],
    ) -> None:  # fmt: skip
        from phosphene_registry.job import Job

        show_remarks()
        folder = output or Path("out") / name
        if grid:
            _compare(registry, entry, grid, folder, images or [], json, model, objective, seed, max_side, frames, given)
            return
        job = Job(registry, entry, model, objective, folder, seed, max_side, frames, given)
        result = job.run(images or [])
        if json and result["results"]:
            show_json(result)
        elif not json:
            _tell(result, job.folder)
        job.complain()

    run.__doc__ = entry.help
    return with_flags(run, options(registry, entry))


def options(registry: "Registry", entry: "Entry") -> list[Flag]:
    """The technique's own settings, then those of the objectives; a name that is taken goes with `--objective` only."""
    found = flags(entry.options, f"Settings of {entry.name}", "technique", OWN)
    taken = OWN | {f.option.name for f in found}
    objectives = {e.name: e.options for e in registry.entries("objective").values()}
    return found + united(objectives, "The question (settings of objectives)", "objective", taken)


def _compare(
    registry: "Registry", entry: "Entry", grid: list[str], folder: Path, images: list[str], json: bool,
    model: str | None, objective: str | None, seed: int, max_side: int, frames: int, given: dict[str, dict[str, Any]],
) -> None:  # fmt: skip
    """`--grid`: each variation is a job of its own."""
    from phosphene_registry.grid import Grid, folder_of, variations
    from phosphene_registry.job import Job

    columns = variations(registry, entry, given, grid)
    folders: list[Path] = []
    for column in columns:
        folders.append(folder_of(column, folders, folder))
    jobs = [
        Job(registry, c.entry, model, objective, place, seed, max_side, frames, c.given)
        for c, place in zip(columns, folders, strict=True)
    ]
    compared = Grid(columns, folder, jobs)
    result = compared.run(images)
    if json and result["grid"]:
        show_json(result)
    elif result["grid"]:
        sys.stdout.write(f"{folder / result['grid']}: {', '.join(c.title for c in columns)}\n{folder / RESULT}\n")
    compared.complain()


def _tell(result: dict[str, Any], folder: Path) -> None:
    """What came out, in a line or two per picture."""
    for one in result["results"]:
        what = Path(one["image"]).name if one["image"] else result["technique"]
        if one.get("prediction"):
            says = ", ".join(f"{p['class'].split(',')[0]} {p['probability']:.1%}" for p in one["prediction"][:3])
            sys.stdout.write(f"{what}: the model says {says}\n")
        if one.get("prediction_of_final"):
            best = one["prediction_of_final"][0]
            sys.stdout.write(f"{what}: of the result it says {best['class'].split(',')[0]} {best['probability']:.1%}\n")
        for name, fact in one.get("facts", {}).items():
            if isinstance(fact, str):
                sys.stdout.write(f"{what}: {name.replace('_', ' ')}: {fact}\n")
        files = [f for f in one["files"].values() if isinstance(f, str)]
        sys.stdout.write(
            f"  {one['objective']}, value {_number(one['value'])}: {', '.join(str(folder / f) for f in files)}\n"
        )
    if result["results"]:
        sys.stdout.write(f"{folder / RESULT}\n")


def _number(value: float | None) -> str:
    return "?" if value is None else f"{value:.4g}"
