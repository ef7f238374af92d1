"""What was got, kept beside it: the SHA-256 of every file, and where the archives came from."""

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import attrs

from phosphene_core.errors import FileError
from phosphene_download.fetch import Fetched, sha256_of
from phosphene_download.names import OWN, inside
from phosphene_download.sources import Source

SUMS, ORIGIN = OWN
_LINE = re.compile(r"([0-9a-f]{64})  (.+)")


@attrs.frozen
class Health:
    """How a data set fares: how many files it should have, which are missing, and which have changed."""

    folder: str
    files: int
    missing: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        return not self.missing and not self.changed


def write(folder: Path, source: Source, files: Iterable[Fetched], sums: dict[str, str]) -> None:
    """Write both; `sha256sum -c .sha256sums` understands the first."""
    came = [{"file": f.name, "from": f.address, "size": f.size, "sha256": f.sha256} for f in files]
    try:
        (folder / SUMS).write_text("".join(f"{s}  {n}\n" for n, s in sorted(sums.items())), encoding="utf-8")
        (folder / ORIGIN).write_text(json.dumps({"name": source.name, "files": came}, indent=2), encoding="utf-8")
    except OSError as error:
        raise FileError(f"cannot write into {folder}: {error.strerror or error}") from None


def origin(folder: Path) -> dict[str, Any]:
    """What `write` noted about the archives, by file name; empty where nothing can be read."""
    try:
        noted = json.loads((folder / ORIGIN).read_text(encoding="utf-8"))
        return {str(f["file"]): f for f in noted["files"]}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}


def sums_of(folder: Path) -> dict[str, str]:
    """The SHA-256 of each file as it was when it came. `FileError` if the list is missing or damaged."""
    path = folder / SUMS
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError):
        raise FileError(f"{path} cannot be read; get the data again with --again") from None
    found = {}
    for number, line in enumerate(filter(None, lines), 1):
        match = _LINE.fullmatch(line)
        if match is None:
            raise FileError(f"{path}, line {number}: expected a SHA-256 and a file's name")
        found[str(inside(match[2], path))] = match[1]
    return found


def check(folder: Path, tell: Callable[[int, int], None] = lambda done, all: None) -> Health:
    """Read every file again. `tell(done, all)`."""
    missing, changed = [], []
    sums = sums_of(folder)
    for done, (name, expected) in enumerate(sums.items(), 1):
        try:
            if sha256_of(folder / name) != expected:
                changed.append(name)
        except FileNotFoundError:
            missing.append(name)
        except OSError:
            changed.append(name)
        tell(done, len(sums))
    return Health(str(folder), len(sums), tuple(missing), tuple(changed))
