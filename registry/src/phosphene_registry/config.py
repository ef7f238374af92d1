"""Training configurations: TOML tables with the names of the options, and their text."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from phosphene_core.errors import FileError, SettingError, unknown

TABLES = ("model", "optimizer", "data", "train")


def read(path: str) -> dict[str, dict[str, Any]]:
    """The tables of a TOML file, all four of them. `FileError` or `SettingError` says what is wrong."""
    try:
        content = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise FileError(f"{path} does not exist") from None
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:  # TOML's own, text that is not UTF-8, numbers of 5,000 digits
        raise FileError(f"{path} is not valid TOML: {error}") from None
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
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'
