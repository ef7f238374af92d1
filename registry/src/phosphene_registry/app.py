"""Builds the command line from a registry."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from phosphene_core.errors import PhospheneError
from phosphene_registry import commands
from phosphene_registry.plugin import told

if TYPE_CHECKING:
    from phosphene_registry.registry import Registry
    from phosphene_registry.task import Training

FROM_PLUGINS = "From plugins"
HELP = """What a neural network sees and what it says.

Techniques ask a model about a photograph (`phosphene run saliency photo.jpg`); everything that they use comes from
plugins (`phosphene plugins`).
"""


class Offer:
    """What `register_commands(app, registry)` is given as `app`: it collects, and is merged if all went well."""

    def __init__(self) -> None:
        self.commands: list[tuple[str, Callable[..., Any], dict[str, Any]]] = []
        self.groups: list[tuple[str, typer.Typer]] = []
        self.trainings: list[Training] = []

    def command(self, name: str | None = None, **settings: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """As `typer.Typer.command`; a name of two words goes into a group: "train captioner"."""

        def keep(function: Callable[..., Any]) -> Callable[..., Any]:
            self.commands.append((name or function.__name__.replace("_", "-"), function, settings))
            return function

        return keep

    def add_typer(self, app: typer.Typer, name: str) -> None:
        """As `typer.Typer.add_typer`: a group of commands."""
        self.groups.append((name, app))

    def add_training(self, name: str, base: Any, model: str | None = None, **settings: Any) -> None:
        """`phosphene train NAME`: trains registered models that are `base` (a class, several, or a function that gives
        them, so that nothing is imported before), with every option that training has; `model` is the default. `settings`: the further fields of `phosphene_registry.task.Training`."""
        from phosphene_registry.task import Training

        self.trainings.append(Training(name, base, model, **settings))


def _version(wanted: bool) -> None:
    if wanted:
        from phosphene_registry import __version__

        typer.echo(f"phosphene {__version__}")
        raise typer.Exit


class Ordered(TyperGroup):
    """The top level: our own commands as help should list them, then the plugins'."""

    def list_commands(self, ctx: Any) -> list[str]:
        names = super().list_commands(ctx)
        return [n for n in commands.ORDER if n in names] + [n for n in names if n not in commands.ORDER]


def _global_options(
    plugin: Annotated[
        list[str] | None,
        typer.Option(
            "-p", help="Load a plugin from this module, or leave one out (no:NAME).", metavar="MODULE|no:NAME"
        ),
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", is_eager=True, callback=_version)
    ] = False,
) -> None:
    """For the help page alone: `process.global_options` takes the first two out of the command line before."""


class App:
    """The `phosphene` command while it is put together: top-level commands, groups, and kinds of training."""

    def __init__(self, registry: "Registry") -> None:
        self.registry = registry
        self.typer = typer.Typer(name="phosphene", help=HELP, no_args_is_help=True, cls=Ordered,
                                 pretty_exceptions_enable=False, rich_markup_mode="rich")  # fmt: skip
        self.typer.callback()(_global_options)
        self.groups: dict[str, typer.Typer] = {}
        self.names: dict[str, str] = {}
        self.trainings: dict[str, Training] = {}

    def command(self, path: str, function: Callable[..., Any], owner: str = "phosphene", **settings: Any) -> None:
        """Add a command; a path of two words goes into a group."""
        group, _, name = path.rpartition(" ")
        self._claim(path, owner)
        (self.group(group) if group else self.typer).command(name, **settings)(function)
        if group:
            inside = [path.removeprefix(f"{group} ") for path in self.names if path.startswith(f"{group} ")]
            self.groups[group].info.help = f"{group.capitalize()}: {', '.join(inside)}."

    def group(self, name: str) -> typer.Typer:
        """The group called `name`, made if need be; its help names its commands."""
        if name not in self.groups:
            panel = {} if name in commands.ORDER else {"rich_help_panel": FROM_PLUGINS}
            self.add_group(name, typer.Typer(no_args_is_help=True), **panel)
        return self.groups[name]

    def add_group(self, name: str, group: typer.Typer, owner: str = "phosphene", **settings: Any) -> None:
        """Add a group of commands."""
        self._claim(name, owner)
        self.groups[name] = group
        self.typer.add_typer(group, name=name, **settings)

    def merge(self, offer: Offer, owner: str) -> None:
        """Take over what a plugin offers; a name that is taken raises `PhospheneError` before anything is added."""
        for name in [n for n, *_ in offer.commands] + [n for n, _ in offer.groups]:
            if name in self.names:
                raise PhospheneError(f"the command '{name}' belongs to {self.names[name]} already")
        for training in offer.trainings:
            if training.name in self.trainings:
                raise PhospheneError(f"the command 'train {training.name}' is there already")
        for name, function, settings in offer.commands:
            panel = {} if " " in name else {"rich_help_panel": FROM_PLUGINS}
            self.command(name, function, owner, **panel | settings)
        for name, group in offer.groups:
            self.add_group(name, group, owner, rich_help_panel=FROM_PLUGINS)
        for training in offer.trainings:
            self.trainings[training.name] = training

    def _claim(self, path: str, owner: str) -> None:
        self.names[path] = owner


def build(registry: "Registry", say: Callable[[str], None]) -> typer.Typer:
    """The whole command line over `registry`. A plugin whose commands fail is reported through `say` and has none."""
    app = App(registry)
    commands.add_all(app)
    for plugin, caller in registry.callers("register_commands"):
        offer = Offer()
        try:
            caller(app=offer, registry=registry)
            app.merge(offer, plugin.title)
        except (Exception, SystemExit) as error:
            reason = f"register_commands failed: {error if isinstance(error, PhospheneError) else told(error)}"
            registry.drop(plugin, reason, error)
            say(f"phosphene: the plugin {plugin.title} is broken: {reason}")
    return app.typer
