"""`phosphene train classifier`: trains a model on a data set."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from phosphene_core.model import ImageModel
from phosphene_core.options import options_of
from phosphene_registry.completion import names
from phosphene_registry.console import say, show_json, show_remarks
from phosphene_registry.flags import Flag, flags, united, with_flags
from phosphene_registry.lazy_group import lazy_group

if TYPE_CHECKING:
    from phosphene_core.trainer import Trainer
    from phosphene_registry.app import App
    from phosphene_registry.registry import Registry
    from phosphene_registry.task import Training
    from phosphene_registry.training import Plan

CONFIG = "config.toml"
OWN = {"data", "model", "optimizer", "config", "output", "resume", "json", "help"}


def add(app: "App") -> None:
    """Add the group `train`, with a command for each kind of training that is known when it is called."""
    from phosphene_registry.task import Training

    app.trainings["classifier"] = Training("classifier", ImageModel, help="Train a classifier of pictures.")
    help = "Train a model on a data set: `phosphene train classifier --data NAME:PATH`."
    group = lazy_group(
        "training", lambda: app.trainings, lambda name: command_for(app.registry, app.trainings[name]), help
    )
    app.add_group("train", group)


def command_for(registry: "Registry", training: "Training") -> Callable[..., Any]:
    """The function behind `phosphene train NAME`, with an option for every setting of what it can train with."""

    def train(
        data: Annotated[
            str | None,
            typer.Option(help="The data: NAME[:PATH][,key=value...].", metavar="SPEC",
                         autocompletion=names(registry, "dataset")),
        ] = None,
        model: Annotated[
            str | None,
            typer.Option(help="The model: NAME[:key=value...], or a file to go on from.", metavar="SPEC",
                         autocompletion=names(registry, "model", training.base)),
        ] = None,
        optimizer: Annotated[
            str | None,
            typer.Option(help=f"The optimizer: NAME[:key=value...] (default {training.optimizer}).", metavar="SPEC",
                         autocompletion=names(registry, "optimizer")),
        ] = None,
        config: Annotated[
            str | None,
            typer.Option(help="A TOML file with tables model, optimizer, data and train; options win.", metavar="FILE"),
        ] = None,
        output: Annotated[
            Path | None, typer.Option("--output", "-o", help="The run's folder.", metavar="DIR", show_default=False)
        ] = None,
        resume: Annotated[bool, typer.Option("--resume", help="Go on from the run's last checkpoint, with the run's own settings.")] = False,
        json: Annotated[bool, typer.Option("--json", help="Print the last epoch's record as JSON.")] = False,
        *,
        given: dict[str, dict[str, Any]],
    ) -> None:  # fmt: skip
        from phosphene_core.errors import FileError
        from phosphene_registry.training import has_run, prepare

        folder = output or Path("runs") / training.name
        if has_run(folder) and not resume:
            raise FileError(
                f"{folder} holds a run already; add --resume to go on with it, or name another folder with -o"
            )
        show_remarks()
        if resume and config is None and (folder / CONFIG).exists():
            config = str(folder / CONFIG)  # what the run was started with
        plan = prepare(registry, training, config, {"data": data, "model": model, "optimizer": optimizer}, given)
        trainer = follow(registry, plan, folder, resume)
        finish(trainer, folder, json)

    train.__doc__ = training.help or f"Train a {training.name}."
    return with_flags(train, _flags(registry, training))


def _flags(registry: "Registry", training: "Training") -> list[Flag]:
    from phosphene_core.trainer import TrainSettings

    found = flags(options_of(TrainSettings), "Training", "train")
    taken = OWN | {f.option.name for f in found}
    optimizers = {e.name: e.options for e in registry.entries("optimizer").values()}
    found += united(optimizers, "Optimizer", "optimizer", taken)
    taken |= {f.option.name for f in found}
    models = {e.name: e.options for e in registry.entries("model").values() if issubclass(e.cls, training.base)}
    return found + united(models, "Model", "model", taken)


def follow(registry: "Registry", plan: "Plan", folder: Path, resume: bool) -> "Trainer":
    """Train to the end, or to the user's Ctrl-C, and show how it goes."""
    from phosphene_registry import config
    from phosphene_registry.files import write_text
    from phosphene_registry.interruption import Interruption
    from phosphene_registry.relay import Relay
    from phosphene_registry.watch import Watch

    with Interruption() as stop:
        trainer = plan.trainer(folder, Relay(registry, say), lambda: bool(stop))
        with trainer.held():
            if resume and not trainer.resume():
                say(f"{folder} holds no checkpoint yet; starting afresh")
            write_text(folder / CONFIG, config.text(plan.tables))
            with Watch(trainer, folder) as watch:
                for step in trainer.steps():
                    watch.show(step)
    if not trainer.done:
        say(f"stopped after step {trainer.step} of {trainer.total}; go on with --resume -o {folder}")
        raise KeyboardInterrupt
    return trainer


def finish(trainer: "Trainer", folder: Path, json: bool) -> None:
    """Say what came out and where it is."""
    from phosphene_core.trainer import BEST, CHECKPOINT, HISTORY
    from phosphene_registry.watch import CURVES, told

    best = max(trainer.history, key=trainer.score, default=None)
    if trainer.step == 0:
        trainer.save()
    if json:
        show_json({"folder": str(folder), "epochs": len(trainer.history), "best": best, "steps": trainer.step})
    elif best is not None:
        sys.stdout.write(f"best after epoch {best['epoch']}: {told(best)}\n")
        sys.stdout.write(f"{folder}: {BEST}, {CHECKPOINT}, {HISTORY}, {CURVES}, {CONFIG}\n")
