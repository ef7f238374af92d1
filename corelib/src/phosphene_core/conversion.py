"""Text and JSON into annotated types, and back into words: `int`, `X | None`, tuples, choices, registered kinds."""

import numbers
import types
import typing
from collections.abc import Callable, Iterable
from typing import Any, Literal, Union, get_args, get_origin

from phosphene_core.errors import SettingError

Resolver = Callable[[type, Any], Any]
"""Turns text or JSON into an object of a registered kind (a layer by name, say): `resolve(kind, value)`."""


def convert(kind: Any, value: Any, resolve: Resolver | None = None, name: str = "value") -> Any:
    """`value` (text from a command line, or JSON) as the annotated type `kind`. `SettingError` if it cannot be."""
    origin, args = get_origin(kind), get_args(kind)
    if kind is Any:
        return value
    if origin in (Union, types.UnionType):
        if type(None) in args and (value is None or (isinstance(value, str) and value.lower() in ("none", ""))):
            return None
        rest = [a for a in args if a is not type(None)]
        for a in rest:
            try:
                return convert(a, value, resolve, name)
            except SettingError:
                continue
        raise SettingError(f"{name} must be {type_name(kind)}, not {value!r:.80}")
    if origin is Literal:
        if value in args:
            return value
        raise SettingError(f"{name} must be one of {', '.join(map(str, args))}, not {value!r:.80}")
    if origin is tuple:
        return _convert_tuple(kind, args, value, resolve, name)
    if kind in (bool, int, float, str):
        return _convert_scalar(kind, value, name)
    if isinstance(kind, type) and isinstance(value, kind):
        return value
    if resolve is not None and isinstance(kind, type):
        return resolve(kind, value)
    raise SettingError(f"{name} must be {type_name(kind)}, not {value!r:.80}")


def type_name(kind: Any) -> str:
    origin, args = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return " or ".join("none" if a is type(None) else type_name(a) for a in args)
    if origin is Literal:
        return " or ".join(map(str, args))
    if origin is tuple:
        inner = [a for a in args if a is not Ellipsis]
        return f"{type_name(inner[0])}s" if len(set(inner)) == 1 else ", ".join(map(type_name, inner))
    return {str: "text", bool: "yes or no"}.get(kind) or getattr(kind, "__name__", str(kind)).lower()


def _convert_scalar(kind: type, value: Any, name: str) -> Any:
    wrong = SettingError(f"{name} must be {type_name(kind)}, not {value!r:.80}")
    if kind is str:
        if isinstance(value, str):
            return value
        raise wrong
    if kind is bool:
        words = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in words:
            return words[value.lower()]
        raise wrong
    if isinstance(value, bool):
        raise wrong
    try:
        number = kind(value)
    except (TypeError, ValueError, OverflowError):
        raise wrong from None
    if kind is int and not isinstance(value, str) and number != value:
        raise wrong
    if kind is int and abs(number) >= 1 << 63:
        raise SettingError(f"{name} is too large: {str(value)[:40]}")
    return number


def _convert_tuple(kind: Any, args: tuple[Any, ...], value: Any, resolve: Resolver | None, name: str) -> tuple[Any, ...]:
    if isinstance(value, str):
        value = [v.strip() for v in value.split(",") if v.strip()]
    if isinstance(value, int | float):
        value = [value]
    if not isinstance(value, Iterable):
        raise SettingError(f"{name} must be {type_name(kind)}, not {value!r:.80}")
    items = list(value)
    if len(args) == 2 and args[1] is Ellipsis:
        return tuple(convert(args[0], v, resolve, name) for v in items)
    if len(items) == 1 and len(set(args)) == 1:  # one number stands for all
        items *= len(args)
    if len(items) != len(args):
        raise SettingError(f"{name} must hold {len(args)} values, not {len(items)}")
    return tuple(convert(a, v, resolve, name) for a, v in zip(args, items, strict=True))


def fits(kind: Any, value: Any) -> bool:
    origin, args = get_origin(kind), get_args(kind)
    if kind is Any or isinstance(kind, typing.TypeVar):
        return True
    if origin in (Union, types.UnionType):
        return any(fits(a, value) for a in args)
    if origin is Literal:
        return value in args
    if kind is type(None):
        return value is None
    if origin is tuple:
        if not isinstance(value, tuple):
            return False
        if len(args) == 2 and args[1] is Ellipsis:
            return all(fits(args[0], v) for v in value)
        return len(value) == len(args) and all(fits(a, v) for a, v in zip(args, value, strict=True))
    if kind is float:
        return isinstance(value, numbers.Real) and not isinstance(value, bool)
    if kind is int:
        return isinstance(value, numbers.Integral) and not isinstance(value, bool)
    return isinstance(value, origin or kind) if isinstance(origin or kind, type) else True
