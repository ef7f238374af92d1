"""Commands that are made when they are called for: their options need the catalogue, and that takes time."""

from collections.abc import Callable, Iterable
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from phosphene_core.errors import unknown


def lazy_group(
    kind: str, names: Callable[[], Iterable[str]], make: Callable[[str], Callable[..., Any]], help: str
) -> typer.Typer:
    """A typer group. `names()` gives the commands that there are, `make(name)` the function behind one of them, `kind`
    is what an error calls them. Commands that are added the usual way are there as well."""

    class Group(TyperGroup):
        def list_commands(self, ctx: Any) -> list[str]:
            return [*names(), *super().list_commands(ctx)]

        def get_command(self, ctx: Any, cmd_name: str) -> Any:
            known = list(names())
            if cmd_name in known:
                return _command(cmd_name, make(cmd_name))
            found = super().get_command(ctx, cmd_name)
            if found is None and not ctx.resilient_parsing and not cmd_name.startswith("-"):
                raise unknown(kind, cmd_name, [*known, *super().list_commands(ctx)])
            return found

    group = typer.Typer(cls=Group, help=help, no_args_is_help=True, rich_markup_mode="rich")
    group.callback()(lambda: None)
    return group


def lazy_command(name: str, make: Callable[[], Callable[..., Any]]) -> type[TyperCommand]:
    """The class (`cls` of typer's `command`) of a command whose function, with its options, `make()` gives."""

    class Command(TyperCommand):
        def made(self) -> Any:
            """The command, with its options."""
            return _command(name, make())

        def make_context(self, *arguments: Any, **settings: Any) -> Any:
            return self.made().make_context(*arguments, **settings)

    return Command


def _command(name: str, function: Callable[..., Any]) -> Any:
    app = typer.Typer(add_completion=False, rich_markup_mode="rich", pretty_exceptions_enable=False)
    app.command(name, help=function.__doc__)(function)
    return typer.main.get_command(app)
