"""`phosphene run TECHNIQUE IMAGE...`: asks a model about photographs, and writes pictures and a result.json."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from phosphene_core.errors import PhospheneError, SettingError
from phosphene_registry.completion import names
from phosphene_registry.console import say, show_json, show_remarks
from phosphene_registry.flags import Flag, flags, united, with_flags
from phosphene_registry.lazy_group import lazy_group

if TYPE_CHECKING:
    from phosphene_registry.app import App
    from phosphene_registry.catalogue import Entry
    from phosphene_registry.registry import Registry

RESULT = "result.json"
OWN = {"images", "model", "objective", "output", "seed", "max-side", "max_side", "frames", "json", "help"}


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
        images: Annotated[list[str] | None, typer.Argument(help="Pictures: files, folders, patterns.", metavar="IMAGE...",
                                                           show_default=False)] = None,
        model: Annotated[
            str | None,
            typer.Option(help="A model by name, or a model file (default: the embedded one).", metavar="NAME|FILE",
                         autocompletion=names(registry, "model")),
        ] = None,
        objective: Annotated[
            str | None,
            typer.Option(help=f"The question: NAME[:key=value...] (default {entry.cls.objective}).", metavar="SPEC",
                         autocompletion=names(registry, "objective")),
        ] = None,
        output: Annotated[
            Path | None,
            typer.Option("--output", "-o", help=f"Where results go (default out/{name}).", metavar="DIR", show_default=False),
        ] = None,
        seed: Annotated[int, typer.Option(help="Seed of everything that is random.", min=0)] = 0,
        max_side: Annotated[
            int, typer.Option(help="Longest side of a photograph that is worked on whole, in pixels.", min=16)
        ] = 768,
        frames: Annotated[
            int, typer.Option(help="How many frames of a made picture to write besides the film.", min=0)
        ] = 0,
        json: Annotated[bool, typer.Option("--json", help="Print what result.json holds.")] = False,
        *,
        given: dict[str, dict[str, Any]],
    ) -> None:  # fmt: skip
        show_remarks()
        job = Job(registry, entry, model, objective, output or Path("out") / name, seed, max_side, frames, given)
        result = job.run(images or [])
        show_json(result) if json else _tell(result, job.folder)
        if job.failed:
            raise typer.Exit(2)

    run.__doc__ = entry.help
    return with_flags(run, options(registry, entry))


def options(registry: "Registry", entry: "Entry") -> list[Flag]:
    """The technique's own settings, then those of the objectives; a name that is taken goes with `--objective` only."""
    found = flags(entry.options, f"Settings of {entry.name}", "technique", OWN)
    taken = OWN | {f.option.name for f in found}
    objectives = {e.name: e.options for e in registry.entries("objective").values()}
    return found + united(objectives, "The question (settings of objectives)", "objective", taken)


class Job:
    """One call of `run`: everything that is made of the command line, and the loop over pictures."""

    def __init__(
        self, registry: "Registry", entry: "Entry", model: str | None, objective: str | None, folder: Path, seed: int,
        max_side: int, frames: int, given: dict[str, dict[str, Any]],
    ) -> None:  # fmt: skip
        from phosphene_core.model import ImageModel
        from phosphene_registry.asking import choose
        from phosphene_registry.files import folder as made
        from phosphene_registry.loading import load
        from phosphene_registry.resolver import build_entry

        self.started = time.perf_counter()
        self.registry, self.entry, self.seed, self.max_side, self.keep = registry, entry, seed, max_side, frames
        self.technique = build_entry(registry.catalogue, entry, given.get("technique", {}))
        asked = choose(registry, entry.cls.objective, objective, given.get("objective", {}))
        self.objective_name, self.objective = asked
        loaded = load(registry.catalogue, model, ImageModel)
        self.model, self.source = loaded.model, loaded.source
        self.loaded = time.perf_counter() - self.started
        self.folder = made(folder)
        self.failed = 0

    def run(self, arguments: list[str]) -> dict[str, Any]:
        """Do it for every picture; what cannot be read is told and left out. Writes and returns the result."""
        from phosphene_core.technique import Attribution
        from phosphene_registry.files import write_json
        from phosphene_registry.pictures import expand, named

        if self.technique.picture == "none":
            if arguments:
                raise SettingError(f"{self.entry.name} starts from nothing; leave out {arguments[0]}")
            paths = []
        else:
            paths = named(expand(arguments))
            if not paths:
                raise SettingError(f"say which pictures: phosphene run {self.entry.name} IMAGE...")
        explains = isinstance(self.technique, Attribution)
        told = self._explain(paths) if explains else self._generate(paths)
        result = self._described(told)
        if told:
            write_json(self.folder / RESULT, result)
        return result

    def _read(self, name: str, path: Path) -> Any:
        from phosphene_registry.pictures import read

        try:
            return read(name, path, self.model, self.technique.picture == "whole", self.max_side)
        except PhospheneError as error:
            self._fail(error)
            return None

    def _fail(self, error: PhospheneError) -> None:
        self.failed += 1
        say(f"phosphene: {error}")

    def _explain(self, paths: list[tuple[str, Path]]) -> list[dict[str, Any]]:
        from phosphene_registry.attribution import BATCH, explain
        from phosphene_registry.progress import steps_bar

        size = 1 if self.technique.picture == "whole" else BATCH
        told: list[dict[str, Any]] = []
        with steps_bar() as bar:
            task = bar.add_task(self.entry.name, total=len(paths))
            for start in range(0, len(paths), size):
                batch = [p for p in (self._read(*one) for one in paths[start : start + size]) if p is not None]
                if batch:
                    told += explain(self.technique, self.entry.name, self.model, self.objective, batch, self.seed, self.folder)
                bar.update(task, completed=min(start + size, len(paths)))
        for one in told:
            if one["map"]["blank"]:
                say(f"{one['image']}: the map is zero everywhere: no pixel moves {one['objective']}")
        return told

    def _generate(self, paths: list[tuple[str, Path]]) -> list[dict[str, Any]]:
        import numpy as np

        from phosphene_registry.generation import Making
        from phosphene_registry.progress import steps_bar
        from phosphene_registry.relay import Relay

        relay = Relay(self.registry, say)
        told = []
        with steps_bar("value") as bar:
            for name, path in paths or [(self.entry.name, None)]:
                photograph = None if path is None else self._read(name, path)
                if path is not None and photograph is None:
                    continue
                blank = np.zeros((1, *self.model.input_shape), np.float32)
                images = blank if photograph is None else photograph.images
                making = Making(self.technique, self.entry.name, self.model, images, self.objective, self.seed)
                task = bar.add_task(name, total=None, value="")
                for frame in making.frames(self.keep):
                    relay.frame_ready(self.technique, frame)
                    bar.update(task, completed=frame.step, total=frame.steps, value=f"{float(frame.values[0]):.4g}")
                told.append(making.finish(name, photograph, self.folder))
        return told

    def _described(self, told: list[dict[str, Any]]) -> dict[str, Any]:
        from phosphene_core.options import settings_of
        from phosphene_registry.outcome import described_model, plain

        plugin = self.entry.plugin
        total = time.perf_counter() - self.started
        return {
            "technique": self.entry.name,
            "settings": plain(settings_of(self.technique)),
            "plugin": {"name": plugin.name, "distribution": plugin.distribution, "version": plugin.version},
            "objective": {"name": self.objective_name, "settings": plain(settings_of(self.objective))},
            "model": plain(described_model(self.model, self.source)),
            "seed": self.seed,
            "results": told,
            "seconds": {"load": round(self.loaded, 4), "technique": round(sum(t["seconds"] for t in told), 4),
                        "total": round(total, 4)},
        }  # fmt: skip


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
        files = [f for f in one["files"].values() if isinstance(f, str)]
        sys.stdout.write(f"  {one['objective']}, value {_number(one['value'])}: {', '.join(str(folder / f) for f in files)}\n")
    if result["results"]:
        sys.stdout.write(f"{folder / RESULT}\n")


def _number(value: float | None) -> str:
    return "?" if value is None else f"{value:.4g}"
