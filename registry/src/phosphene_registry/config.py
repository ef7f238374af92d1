"""Training configurations: TOML tables with the names of the options, and their text."""

import tomllib
from collections.abc import Mapping
from typing import Any

from phosphene_core.errors import FileError, SettingError, one_line, unknown
from phosphene_core.textfile import read_text

TABLES = ("model", "optimizer", "data", "train")


def read(path: str) -> dict[str, dict[str, Any]]:
    """The tables of a TOML file, all four of them. `FileError` or `SettingError` says what is wrong."""
    try:
        content = tomllib.loads(read_text(path, 1 << 20))
    except (ValueError, RecursionError) as error:  # TOML's own, and numbers of 5,000 digits
        raise FileError(f"{path} is not valid TOML: {one_line(error)}") from None
    for name, table in content.items():
        if name not in TABLES:
            raise SettingError(f"{path}: {unknown('table', name, TABLES)}")
        if not isinstance(table, dict):
            raise SettingError(f"{path}: '{name}' must be a table: [{name}]")
    return {name: dict(content.get(name, {})) for name in TABLES}


def text(tables: Mapping[str, Mapping[str, Any]]) -> str:
    """Tables as TOML. Settings that are None are left out: TOML has no word for them."""
    lines = []
    for name, table in tables.items():
        lines.append(f"[{name}]")
        lines += [f"{key} = {_value(value)}" for key, value in table.items() if value is not None]
        lines.append("")
    return "\n".join(lines)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{k} = {_value(v)}" for k, v in value.items()) + "}"
    return '"' + "".join(map(_letter, str(value))) + '"'


def _letter(letter: str) -> str:
    """A letter as a TOML text holds it."""
    if letter in '\\"':
        return "\\" + letter
    return letter if letter.isprintable() else f"\\U{ord(letter):08x}"
