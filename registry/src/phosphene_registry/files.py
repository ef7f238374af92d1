"""Files that appear whole or not at all, and folders that can be made."""

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from phosphene_core.errors import FileError


@contextlib.contextmanager
def whole(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """A file to write to, which takes its place at the end of the block, or never."""
    target = Path(path)
    made: str | None = None
    try:
        handle, made = tempfile.mkstemp(dir=folder(target.parent), prefix=f".{target.name}.")
        with os.fdopen(handle, "wb") as file:
            yield file
        os.chmod(made, 0o644)
        os.replace(made, target)
    except OSError as error:
        raise FileError(f"cannot write {target}: {error.strerror or error}") from None
    finally:
        if made is not None:
            Path(made).unlink(missing_ok=True)


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write `text` as UTF-8."""
    with whole(path) as file:
        file.write(text.encode())


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
