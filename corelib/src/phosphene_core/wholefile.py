"""Files that appear whole or not at all."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from phosphene_core.errors import FileError


@contextlib.contextmanager
def whole(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """A file to write to, beside its place (whose folder is made). At the end of the block it is flushed to the disk
    and moved there; if anything fails, what was there before stays. `FileError` if it cannot be written."""
    target = Path(path)
    made: str | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, made = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".new")
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(made, 0o644)
        os.replace(made, target)
        made = None
        _settle(target.parent)
    except OSError as error:
        raise FileError(f"cannot write {target}: {error.strerror or error}") from None
    finally:
        if made is not None:
            with contextlib.suppress(OSError):  # on a lost disk it cannot be removed either
                Path(made).unlink()


def sweep(folder: Path) -> None:
    """Remove what processes left that were killed while they wrote `whole` files. Only for who holds the folder."""
    for left in folder.glob(".*.????????.new"):
        with contextlib.suppress(OSError):
            left.unlink()


def _settle(folder: Path) -> None:
    """Make the move itself survive a power cut, where the system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
