"""Text and JSON in files that appear whole or not at all, and folders that can be made."""

import json
import os
from pathlib import Path
from typing import Any

from phosphene_core.errors import FileError
from phosphene_core.wholefile import whole


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write `text` as UTF-8; bytes of file names that are none stay as escapes."""
    with whole(path) as file:
        file.write(text.encode(errors="backslashreplace"))


def write_json(path: str | os.PathLike[str], value: Any) -> None:
    """Write `value` as JSON. A NaN is a defect here: JSON has none."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def folder(path: str | os.PathLike[str]) -> Path:
    """The folder, made if it is not there. `FileError` if it cannot be."""
    place = Path(path)
    try:
        place.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise FileError(f"{place} is a file, not a folder") from None
    except OSError as error:
        raise FileError(f"cannot make the folder {place}: {error.strerror or error}") from None
    return place
