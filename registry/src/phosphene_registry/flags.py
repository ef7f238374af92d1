"""Command-line options made from settings: `--learning-rate` from the attrs field `learning_rate`."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import attrs
import typer

from phosphene_core.options import Option

Complete = Callable[[str], list[str]]


@attrs.frozen
class Flag:
    """One option of a command: the setting behind it, where help lists it, and the key by which it is handed over."""

    option: Option
    panel: str
    key: str
    note: str = ""

    @property
    def parameter(self) -> inspect.Parameter:
        """The option as a parameter of a typer command; None means that it was not given."""
        dashed = "--" + self.option.name.strip("_").replace("_", "-")
        plain = self.option.type in (bool, bool | None)
        kind: Any = bool | None if plain else str | None
        shared: dict[str, Any] = {"help": self._help(), "rich_help_panel": self.panel, "show_default": False}
        if plain:
            info = typer.Option(None, f"{dashed}/--no-{dashed[2:]}", **shared)
        else:
            completion = _choices(self.option) if self.option.choices else None
            info = typer.Option(None, dashed, metavar=self._metavar(), autocompletion=completion, **shared)
        return inspect.Parameter(self.key, inspect.Parameter.KEYWORD_ONLY, default=info, annotation=kind)

    def _metavar(self) -> str:
        if self.option.choices:
            return "|".join(map(str, self.option.choices))
        return self.option.type_words.split(" or ")[0].upper().replace(" ", "-")

    def _help(self) -> str:
        text = self.option.help[:1].upper() + self.option.help[1:]
        extra = [self.note] if self.note else []
        if self.option.required:
            extra += [] if self.note else ["required"]
        elif words := default_words(self.option):
            extra.append(f"default {words}")
        return escape(f"{text} ({'; '.join(extra)})" if extra else text)


def default_words(option: Option) -> str:
    """A setting's default as a user would write it."""
    return value_words(option.default)


def value_words(value: Any) -> str:
    """A setting's value as a user would write it."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple | list):
        return ",".join(map(value_words, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def escape(text: str) -> str:
    """Text that the help page's markup leaves alone."""
    return text.replace("[", r"\[")


def flags(options: Iterable[Option], panel: str, prefix: str, taken: Iterable[str] = (), note: str = "") -> list[Flag]:
    """Flags for settings; those whose names are `taken` are left out (they can still be written `name:key=value`)."""
    taken = set(taken)
    return [Flag(o, panel, f"{prefix}__{o.name}", note) for o in options if o.name not in taken]


def united(owners: Mapping[str, Iterable[Option]], panel: str, prefix: str, taken: Iterable[str] = ()) -> list[Flag]:
    """Flags for the settings of several classes together: one flag per name, which says whose it is."""
    found: dict[str, Option] = {}
    whose: dict[str, list[str]] = {}
    for owner, options in owners.items():
        for o in options:
            found.setdefault(o.name, o)
            whose.setdefault(o.name, []).append(owner)
    taken = set(taken)
    every = len(owners)
    return [
        Flag(o, panel, f"{prefix}__{name}", "" if len(whose[name]) == every else f"of {_list(whose[name])}")
        for name, o in found.items()
        if name not in taken
    ]


def with_flags(function: Callable[..., Any], extra: Iterable[Flag]) -> Callable[..., Any]:
    """`function` as a command that takes the flags as well: it is handed `given`, prefix -> setting -> text, for those
    that the user gave."""
    own = [p for name, p in inspect.signature(function, eval_str=True).parameters.items() if name != "given"]
    added = [f.parameter for f in extra]

    def command(**values: Any) -> Any:
        given: dict[str, dict[str, Any]] = {}
        for p in added:
            if values[p.name] is not None:
                prefix, _, name = p.name.partition("__")
                given.setdefault(prefix, {})[name] = values[p.name]
        return function(**{p.name: values[p.name] for p in own}, given=given)

    parameters = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own] + added
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {p.name: p.annotation for p in parameters}
    command.__doc__, command.__name__ = function.__doc__, function.__name__
    return command


def _list(names: list[str]) -> str:
    return ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")


def _choices(option: Option) -> Complete:
    return lambda incomplete: [str(c) for c in option.choices if str(c).startswith(incomplete)]
