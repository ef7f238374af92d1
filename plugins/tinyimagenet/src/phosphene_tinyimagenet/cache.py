"""Where decoded data sets are kept, and who makes them: one file per source, made once, whole or not at all."""

import contextlib
import hashlib
import logging
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from phosphene_core.errors import FileError
from phosphene_tinyimagenet.decoding import picture_size
from phosphene_tinyimagenet.listing import read_listing
from phosphene_tinyimagenet.source import find_root, fingerprint, open_source
from phosphene_tinyimagenet.store import Store, read_store, write_store

try:
    import fcntl
except ImportError:  # not a Unix: two processes may both decode; the file is put in place whole all the same
    fcntl = None  # type: ignore[assignment]

VERSION = 1
log = logging.getLogger(__name__)


def cache_folder() -> Path:
    """`PHOSPHENE_CACHE`, or `phosphene` in the user's cache folder (`XDG_CACHE_HOME`, else `~/.cache`)."""
    if own := os.environ.get("PHOSPHENE_CACHE"):
        return Path(own).expanduser().resolve()
    base = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (base if base.is_absolute() else Path("~/.cache").expanduser()) / "phosphene"


def cache_file(place: Path) -> Path:
    """Where the decoded form of the source at `place` is kept: one file per place, replaced when the source changes."""
    digest = hashlib.sha256(str(place).encode()).hexdigest()[:12]
    return cache_folder() / "tinyimagenet" / f"{place.stem}-{digest}.h5"


def open_store(path: str) -> Store:
    """The data set at `path`, from the cache if it is there and still true, else decoded now.

    `FileError`: what is wrong with the source, or why the cache cannot be written.
    """
    place = find_root(path)
    target, mark = cache_file(place), f"{VERSION} {fingerprint(place)}"
    if (store := read_store(target, mark)) is not None:
        return store
    with _writable(target), _locked(target):
        if (store := read_store(target, mark)) is None:  # else another process was quicker
            _build(place, target, mark)
            store = read_store(target, mark)
    if store is None:
        raise FileError(f"{target} cannot be read though it was just written; remove it and try again")
    return store


def _build(place: Path, target: Path, mark: str) -> None:
    source = open_source(place)
    new = target.with_name(f".{target.name}.new" if fcntl else f".{target.name}.{os.getpid()}")
    try:
        listing = read_listing(source)
        size = picture_size(source, listing.splits["train"][0].file)
        new.unlink(missing_ok=True)  # of a process that was killed
        need = 3 * size[0] * size[1] * sum(map(len, listing.splits.values())) + (1 << 20)
        if (free := shutil.disk_usage(target.parent).free) < need:
            raise FileError(
                f"{target.parent} has {free >> 20} MB free and the decoded pictures take {need >> 20} MB; "
                "make room or set PHOSPHENE_CACHE to another folder"
            )
        log.info("decoding %s once into %s", place, target)
        write_store(new, source, listing, size, mark)
        os.replace(new, target)
    finally:
        source.close()
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)


@contextlib.contextmanager
def _writable(target: Path) -> Iterator[None]:
    """Trouble with the cache folder as one line; trouble with the source passes as it is."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield
    except (OSError, RuntimeError) as error:  # h5py tells some failed writes as RuntimeError
        number = getattr(error, "errno", None)
        reason = os.strerror(number) if number else str(error).splitlines()[0]
        raise FileError(
            f"cannot write the decoded pictures to {target.parent}: {reason}; "
            "set PHOSPHENE_CACHE to a folder that can be written"
        ) from None


@contextlib.contextmanager
def _locked(target: Path) -> Iterator[None]:
    """One process decodes, the others wait for it."""
    with target.with_name(f".{target.name}.lock").open("w") as file:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield  # closing the file lets go of the lock
