"""Files, and folders of files, that appear whole or not at all."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from phosphene_core.errors import FileError, one_line


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


@contextlib.contextmanager
def whole_folder(path: str | os.PathLike[str]) -> Iterator[Path]:
    """A folder to fill, beside its place. At the end of the block it is moved there, or, where there is a folder
    already, its files are; if anything fails, what was there before stays. `FileError` if it cannot be written."""
    target = Path(path)
    new: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}.", suffix=".new"))
        yield new
        os.chmod(new, 0o755)
        if target.exists():
            for file in sorted(new.iterdir()):
                os.replace(file, target / file.name)
        else:
            os.replace(new, target)
        _settle(target.parent)
    except (OSError, RuntimeError) as error:  # h5py tells some failed writes as RuntimeError
        reason = (os.strerror(error.errno) if isinstance(error, OSError) and error.errno else None) or one_line(error)
        raise FileError(f"cannot write {target}: {reason}") from None
    finally:
        if new is not None:
            shutil.rmtree(new, ignore_errors=True)


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
