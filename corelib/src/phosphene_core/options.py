"""Settings as attrs fields that carry their own help: the command line, the docs and the files are derived from them."""

import math
import operator
import typing
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

import attrs

from phosphene_core.conversion import Resolver, convert, fits, type_name
from phosphene_core.errors import SettingError, unknown

_MARK = "phosphene.help"

T = TypeVar("T")


def option(
    default: Any = attrs.NOTHING,
    help: str = "",
    *,
    gt: float | None = None,
    ge: float | None = None,
    lt: float | None = None,
    le: float | None = None,
    choices: Sequence[Any] | None = None,
    check: Callable[[Any], str | None] | None = None,
) -> Any:
    """An attrs field that is a setting.

    `gt`, `ge`, `lt`, `le` bound a number (or each number of a tuple), `choices` lists the only values, `check` returns
    what is wrong or None. The type comes from the annotation: `int`, `float`, `bool`, `str`, tuples of these,
    `X | None`, and any registered kind such as `Layer`. Errors: `SettingError` when an object is made.
    """
    bounds = {k: v for k, v in {"gt": gt, "ge": ge, "lt": lt, "le": le}.items() if v is not None}
    metadata = {_MARK: help, "bounds": bounds, "choices": tuple(choices) if choices else (), "check": check}
    return attrs.field(default=default, metadata=metadata, validator=_validate)


def tuned(cls: type, name: str, default: Any) -> Any:
    """The setting `name` of a parent class with another default: its help and its bounds are the parent's.

    `jitter: int = tuned(Visualization, "jitter", 2)`.
    """
    return attrs.field(default=default, metadata=attrs.fields_dict(cls)[name].metadata, validator=_validate)


@attrs.frozen
class Option:
    """One setting of a class, as a person or a program sees it."""

    name: str
    type: Any
    default: Any
    help: str
    bounds: dict[str, float]
    choices: tuple[Any, ...]

    @property
    def required(self) -> bool:
        return self.default is attrs.NOTHING

    @property
    def type_words(self) -> str:
        """The type in words: `int`, `float or none`, `ints`, `layer`."""
        return type_name(self.type)


@cache
def _hints(cls: Any) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def options_of(cls: type) -> list[Option]:
    """The settings of an attrs class, in the order in which they were written."""
    hints = _hints(cls)
    return [
        Option(f.name, hints.get(f.name, Any), _default(f), f.metadata[_MARK], f.metadata["bounds"], f.metadata["choices"])
        for f in attrs.fields(cls)
        if _MARK in f.metadata
    ]


def settings_of(thing: Any) -> dict[str, Any]:
    """The settings of an object as plain JSON values; registered kinds inside become `{"class": name, ...}`."""
    return {o.name: _plain(getattr(thing, o.name)) for o in options_of(type(thing))}


def build(cls: type[T], values: Mapping[str, Any], *, resolve: Resolver | None = None, where: str = "") -> T:
    """An object of `cls` from text or JSON values. `SettingError` names what is unknown, missing or out of range."""
    known = {o.name: o for o in options_of(cls)}
    prefix = where + ": " if where else ""
    for name in values:
        if name not in known:
            raise SettingError(f"{prefix}{unknown('setting of ' + nice_name(cls), name, known)}")
    if missing := [f"'{o.name}' ({o.help})" for o in known.values() if o.required and o.name not in values]:
        wanted = f"setting {missing[0]}" if len(missing) == 1 else "settings " + " and ".join(missing)
        raise SettingError(f"{prefix}{nice_name(cls)} wants the {wanted}")
    try:
        return cls(**{k: convert(known[k].type, v, resolve, k) for k, v in values.items()})
    except SettingError as error:
        raise SettingError(f"{prefix}{error}") from None


def nice_name(cls: type) -> str:
    """`FeatureInversion` as `feature inversion`."""
    return "".join(" " + c.lower() if c.isupper() and i and not cls.__name__[i - 1].isupper() else c.lower()
                   for i, c in enumerate(cls.__name__))  # fmt: skip


def _default(field: "attrs.Attribute[Any]") -> Any:
    d: Any = field.default
    return d.factory() if isinstance(d, attrs.Factory) else d  # type: ignore[arg-type]


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_plain(v) for v in value]
    if attrs.has(type(value)):
        return {"class": type(value).__name__, **settings_of(value)}
    if hasattr(value, "item") and not isinstance(value, str):
        return value.tolist()
    return value


def _validate(instance: Any, field: "attrs.Attribute[Any]", value: Any) -> None:
    """The attrs validator behind every option: type, bounds, choices, and the author's own check."""
    cls: Any = type(instance)
    kind = _hints(cls).get(field.name, Any)
    if not fits(kind, value):
        raise SettingError(f"{field.name} must be {type_name(kind)}, not {value!r}")
    if value is None:
        return
    for v in value if isinstance(value, tuple) else (value,):
        if isinstance(v, int | float) and not isinstance(v, bool) and (wrong := _outside(v, field.metadata["bounds"])):
            raise SettingError(f"{field.name} must be {wrong}, not {v}")
    choices = field.metadata["choices"]
    if choices and value not in choices:
        raise SettingError(f"{field.name}: {unknown('choice', value, map(str, choices))}")
    if field.metadata["check"] and (wrong := field.metadata["check"](value)):
        raise SettingError(f"{field.name} {wrong}")


def _outside(number: float, bounds: Mapping[str, float]) -> str | None:
    """What the number should have been, if it lies outside its bounds."""
    if math.isnan(number):
        return "a number"
    words = {"gt": "above", "ge": "at least", "lt": "below", "le": "at most"}
    held = {"gt": operator.gt, "ge": operator.ge, "lt": operator.lt, "le": operator.le}
    return next((f"{words[k]} {b:g}" for k, b in bounds.items() if not held[k](number, b)), None)
