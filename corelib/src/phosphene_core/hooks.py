"""What a plugin may implement: the hook specifications and the `hookimpl` marker (pluggy)."""

from collections.abc import Callable
from typing import Any

import pluggy

from phosphene_core.layer import Array

PROJECT = "phosphene"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)

Register = Callable[[str, type], None]
"""`register("lstm", LSTM)`: commits a name to a class."""


@hookspec
def register_layers(register: Register) -> None:
    """Offer layers."""


@hookspec
def register_models(register: Register) -> None:
    """Offer models."""


@hookspec
def register_optimizers(register: Register) -> None:
    """Offer optimizers."""


@hookspec
def register_objectives(register: Register) -> None:
    """Offer objectives."""


@hookspec
def register_techniques(register: Register) -> None:
    """Offer techniques."""


@hookspec
def register_datasets(register: Register) -> None:
    """Offer data sets."""


@hookspec
def register_commands(app: Any, registry: Any) -> None:
    """Add commands to the command line (`app`: typer.Typer; `registry`: the catalogue that it was built from)."""


@hookspec
def describe_state() -> str | None:
    """One line about how this plugin fares here (no compiler was found, say), for `phosphene plugins`."""


@hookspec
def demo_section(registry: Any, folder: Any) -> str | None:
    """Add a section to the demonstration page: HTML; pictures go into `folder` (pathlib.Path), the page's own."""


@hookspec
def register_benchmarks(register: Any, registry: Any) -> None:
    """Offer cases to `phosphene bench`: `register(kind, name, make, operations=None)`.

    `kind`: "kernel", "layer" or "step". `make()` prepares the inputs and gives the function that is timed;
    `operations`: how many floating-point operations that does, where they are what counts."""


@hookspec
def training_started(trainer: Any) -> None:
    """A run begins or resumes."""


@hookspec
def step_finished(trainer: Any, step: Any) -> None:
    """One update is done; `step` is a `trainer.Step`."""


@hookspec
def epoch_finished(trainer: Any, record: dict[str, Any]) -> None:
    """One epoch is done and evaluated; `record` is the line that goes to the history."""


@hookspec
def training_finished(trainer: Any) -> None:
    """The run has ended, as planned or stopped."""


@hookspec
def frame_ready(technique: Any, frame: Any) -> None:
    """A generation technique has made a frame."""


@hookspec(firstresult=True)
def reduce_gradients(grads: dict[str, Array]) -> dict[str, Array] | None:
    """Replace a step's gradients before clipping and update (data-parallel training). The first result wins."""
