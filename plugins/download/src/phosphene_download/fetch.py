"""One file from the first address that gives it whole: resumed after a break, tried again, checked."""

import hashlib
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import attrs

from phosphene_core.errors import FileError
from phosphene_core.options import option
from phosphene_download.address import local
from phosphene_download.part import Part
from phosphene_download.sources import Remote
from phosphene_download.web import Afresh, Final, Passing, receive

LARGEST = 8 << 30
Tell = Callable[[str, int, int | None], None]
"""`tell(the file's name, bytes that are here, bytes in all or None)`"""


@attrs.frozen
class Manner:
    """How patient to be."""

    tries: int = option(6, "how often an address may fail in a row, without another byte, before it is given up", ge=1)
    timeout: float = option(30.0, "seconds without a byte after which a connection is given up", gt=0)
    wait: float = option(1.0, "seconds before the second try; they double up to a minute", ge=0)


@attrs.frozen
class Fetched:
    """A file that is here: its name, where it lies, where it came from, its size and SHA-256."""

    name: str
    path: Path
    address: str
    size: int
    sha256: str


class Damaged(Final):
    """What came is not what it should be."""


def fetch(
    file: Remote, places: Sequence[str], folder: Path, manner: Manner, tell: Tell = lambda *_: None,
    check: Callable[[Path], None] = lambda path: None, sleep: Callable[[float], None] = time.sleep,
) -> Fetched:  # fmt: skip
    """Get `file` into `folder` from the first of `places` that gives it. A local one is used where it lies.

    `check(path)` raises `FileError` if the content is not what it should be. `FileError` names every address and why.
    """
    reasons = []
    for address in places:
        try:
            path = local(address)
            if path is not None:
                return _checked(file, path, address, check)
            return _from_web(file, address, folder, manner, tell, check, sleep)
        except Final as error:
            reasons.append(f"{address}: {error}")
    raise FileError(f"cannot get {file.name}: {'; '.join(reasons)}")


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _from_web(
    file: Remote, address: str, folder: Path, manner: Manner, tell: Tell,
    check: Callable[[Path], None], sleep: Callable[[float], None],
) -> Fetched:  # fmt: skip
    part = Part(file, folder, address)
    resumed = part.size > 0
    while True:
        if not part.whole:
            resumed |= _receive(part, manner, tell, sleep)
        try:
            return _checked(file, part.path, address, check)
        except Damaged:
            part.drop()
            if not resumed:
                raise
            resumed = False  # perhaps the beginning was of another version; once more, from the start


def _receive(part: Part, manner: Manner, tell: Tell, sleep: Callable[[float], None]) -> bool:
    """Until the part is whole; whether it took more than one try. Tries count only while no further byte comes."""
    failures, furthest, resumed = 0, part.size, False
    while True:
        try:
            receive(part.address, part.path, part.mark, part.begin, manner.timeout, part.file.size or LARGEST,
                    lambda got: tell(part.file.name, got, part.mark.size))  # fmt: skip
            part.finish()
            return resumed
        except Passing as error:
            if isinstance(error, Afresh):
                part.drop()
            further = part.size > furthest
            failures, furthest, resumed = 0 if further else failures + 1, max(furthest, part.size), True
            if failures >= manner.tries:
                raise Final(f"{error} (tried {failures} times)") from None
        sleep(min(60.0, manner.wait * 2 ** max(failures - 1, 0)))


def _checked(file: Remote, path: Path, address: str, check: Callable[[Path], None]) -> Fetched:
    if not path.is_file():
        raise Final("there is no such file")
    try:
        size = path.stat().st_size
        if file.size not in (None, size):
            raise Damaged(f"it has {size:,} bytes; {file.name} has {file.size:,}")
        digest = sha256_of(path)
        if file.sha256 not in (None, digest):
            raise Damaged(f"its SHA-256 is {digest[:12]}…, not the known {str(file.sha256)[:12]}…: damaged or changed")
        check(path)
    except FileError as error:
        raise Damaged(str(error)) from None
    except OSError as error:
        raise Final(f"it cannot be read: {error.strerror or error}") from None
    return Fetched(file.name, path, address, size, digest)
