"""Archives into a folder, and nowhere else: no way out of it, and no more than it may hold."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import attrs

from phosphene_core.errors import FileError
from phosphene_download.members import Member, members

BLOCK = 1 << 18


class WriteError(FileError):
    """The archive may be good; it is the disk that is not."""


@attrs.frozen
class Limits:
    """What an archive may unpack to: files, bytes, and bytes for each byte of the archive."""

    files: int = 500_000
    bytes: int = 16 << 30
    ratio: int = 200
    spare: int = 64 << 20
    """Bytes that no ratio is asked of: small archives of text shrink a lot."""


def unpack(
    archive: Path, folder: Path, limits: Limits = Limits(), tell: Callable[[int], None] = lambda files: None
) -> dict[str, str]:
    """Unpack a zip or tar into `folder` (which exists): the SHA-256 of each file, by its path inside.

    `FileError` says what is wrong with the archive; some files may then lie in `folder`, and none elsewhere.
    """
    sums: dict[str, str] = {}
    total = 0
    most = min(limits.bytes, limits.spare + limits.ratio * archive.stat().st_size)
    with members(archive) as found:
        for member in found:
            if str(member.path) in sums:
                raise FileError(f"{archive} is not unpacked: it holds {member.path} twice")
            if len(sums) >= limits.files:
                raise FileError(f"{archive} is not unpacked: it holds more than {limits.files:,} files")
            size, sums[str(member.path)] = _write(member, folder, archive, most - total)
            total += size
            tell(len(sums))
    if not sums:
        raise FileError(f"{archive} holds no files")
    return sums


def _write(member: Member, folder: Path, archive: Path, most: int) -> tuple[int, str]:
    """One member: how many bytes it really had, and their SHA-256."""
    target = folder / member.path
    digest = hashlib.sha256()
    size = 0
    source = member.open()
    if source is None or member.size > most:
        raise FileError(f"{archive} is not unpacked: {member.path} would make it larger than it may be")
    with source, _made(target, folder) as file:
        while block := source.read(BLOCK):
            size += len(block)
            if size > min(most, member.size):
                raise FileError(f"{archive} is not unpacked: {member.path} is larger than it says, or than it may be")
            digest.update(block)
            with _told(target):
                file.write(block)
    if size != member.size:
        raise FileError(f"{archive} is damaged: {member.path} ends early")
    return size, digest.hexdigest()


@contextmanager
def _made(target: Path, folder: Path) -> Iterator[IO[bytes]]:
    try:
        with _told(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            file = target.open("xb")
    except (FileExistsError, NotADirectoryError):
        raise FileError(
            f"{target.relative_to(folder)} stands twice in the archive, as a file and as a folder"
        ) from None
    try:
        yield file
    finally:
        with _told(target):  # what was buffered may be what no longer fits
            file.close()


@contextmanager
def _told(target: Path) -> Iterator[None]:
    try:
        yield
    except (FileExistsError, NotADirectoryError):
        raise
    except OSError as error:
        raise WriteError(f"cannot write {target}: {error.strerror or error}") from None
