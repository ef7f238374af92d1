"""The kinds of things that a plugin can register, and what each must be."""

import inspect
import re
from collections.abc import Callable

import attrs

from phosphene_core.dataset import Dataset
from phosphene_core.layer import Layer
from phosphene_core.model import Model
from phosphene_core.objective import Objective
from phosphene_core.optimizer import Optimizer
from phosphene_core.options import options_of
from phosphene_core.technique import Technique

KINDS: dict[str, type] = {
    "layer": Layer,
    "model": Model,
    "optimizer": Optimizer,
    "objective": Objective,
    "technique": Technique,
    "dataset": Dataset,
}

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_UNFINISHED = type(attrs.field())


class RegistrationError(Exception):
    """A plugin registers something that it may not; the message says what and why."""


def hook_of(kind: str) -> str:
    """The hook through which a kind is registered: `register_layers` for "layer"."""
    return f"register_{kind}s"


def kind_of(cls: type) -> str:
    """The kind that a class belongs to: "layer" for `RecurrentLayer`. `LookupError` if to none."""
    for kind, base in KINDS.items():
        if issubclass(cls, base):
            return kind
    raise LookupError(f"{cls.__name__} is of no registered kind")


def check(kind: str, name: object, cls: object) -> None:
    """`RegistrationError` unless `name` is a plain name and `cls` a finished class of the kind."""
    base = KINDS[kind]
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise RegistrationError(f"{name!r} is no name for a {kind}: small letters, digits and _, a letter first")
    if not isinstance(cls, type):
        raise RegistrationError(f"the {kind} '{name}' must be a class, not {cls!r}")
    if not issubclass(cls, base):
        raise RegistrationError(f"the {kind} '{name}' must be a subclass of {base.__name__}; {cls.__name__} is not")
    if inspect.isabstract(cls):
        missing = ", ".join(sorted(getattr(cls, "__abstractmethods__", ())))
        raise RegistrationError(f"the {kind} '{name}': {cls.__name__} does not implement {missing}")
    if any(isinstance(v, _UNFINISHED) for v in vars(cls).values()):
        raise RegistrationError(f"the {kind} '{name}': {cls.__name__} has settings but is not marked @attrs.frozen")
    try:
        options_of(cls)
    except Exception as error:  # annotations are the author's text
        raise RegistrationError(f"the {kind} '{name}': the types of {cls.__name__}'s settings: {error}") from error


Register = Callable[[str, type], None]


def collector(kind: str, into: dict[tuple[str, str], type]) -> Register:
    """The function that a plugin is given: it checks, and keeps what it is told in `into`."""

    def register(name: str, cls: type) -> None:
        check(kind, name, cls)
        if into.get((kind, name), cls) is not cls:
            raise RegistrationError(f"the {kind} '{name}' is registered twice by this plugin")
        into[kind, name] = cls

    return register
