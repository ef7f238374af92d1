"""One writer per folder: a lock that the system lets go of when its process ends, however it ends."""

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from phosphene_core.errors import FileError

try:
    import fcntl
except ImportError:  # not a Unix: nobody is kept out
    fcntl = None  # type: ignore[assignment]


@contextlib.contextmanager
def locked(folder: str | os.PathLike[str], busy: Callable[[], None] | None = None) -> Iterator[Path]:
    """Hold `folder` (made if it is not there) for the block; no file is left in it.

    `busy` is called when another process holds it; unless it raises, we then wait. Where the file system knows no
    locks, nobody is kept out. `FileError` if the folder cannot be made or opened.
    """
    place = Path(folder)
    while True:
        try:
            place.mkdir(parents=True, exist_ok=True)
            handle = os.open(place, os.O_RDONLY) if fcntl is not None else -1
        except FileExistsError:
            raise FileError(f"{place} is a file, not a folder") from None
        except OSError as error:
            raise FileError(f"cannot use the folder {place}: {error.strerror or error}") from None
        try:
            if _take(handle, busy) and not _is(handle, place):
                continue  # whoever held it has removed it
            yield place
            return
        finally:
            if handle >= 0:
                os.close(handle)  # lets go of the lock


def _take(handle: int, busy: Callable[[], None] | None) -> bool:
    if handle < 0:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        if busy is not None:
            busy()
        fcntl.flock(handle, fcntl.LOCK_EX)
    except OSError:
        return False
    return True


def _is(handle: int, place: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), place.stat())
    except OSError:
        return False
