"""What an archive holds, zip and tar alike: its files, checked, and a way to read each."""

import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any

import attrs

from phosphene_core.errors import FileError
from phosphene_download.names import inside

LITTER = ("__MACOSX", ".DS_Store")


@attrs.frozen
class Member:
    """One file of an archive. `open()` reads it."""

    path: PurePosixPath
    size: int
    open: Callable[[], IO[bytes] | None]


@contextmanager
def members(archive: Path) -> Iterator[Iterator[Member]]:
    """The regular files in a zip or tar, as they come. Links, devices and encrypted members are refused; folders
    are left out, for they appear with their files, and so is what a Mac leaves behind."""
    with _readable(archive):
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as pack:
                yield _unlittered(_of_zip(pack, archive))
        elif tarfile.is_tarfile(archive):
            with tarfile.open(archive) as pack:
                yield _unlittered(_of_tar(pack, archive))
        else:
            raise FileError(f"{archive} is neither a zip nor a tar that can be read")


def check(archive: Path) -> None:
    """`FileError` unless the archive opens; only unpacking checks every byte."""
    with members(archive):
        pass


@contextmanager
def _readable(archive: Path) -> Iterator[None]:
    try:
        yield
    except (FileError, KeyboardInterrupt):
        raise
    except OSError as error:
        raise FileError(f"{archive} cannot be unpacked: {error.strerror or error}") from None
    except Exception as error:  # zipfile, tarfile and the decompressors raise many kinds on damaged files
        raise FileError(f"{archive} is damaged: {type(error).__name__}: {' '.join(str(error).split())[:120]}") from None


def _of_zip(pack: zipfile.ZipFile, archive: Path) -> Iterator[Member]:
    for info in pack.infolist():
        path = inside(info.orig_filename.rstrip("/"), archive)
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise FileError(f"{archive} is not unpacked: its member {path} is a link or a device")
        if info.is_dir() or kind == stat.S_IFDIR:
            continue
        if info.flag_bits & 1:
            raise FileError(f"{archive} is not unpacked: its member {path} is encrypted")
        yield Member(path, info.file_size, lambda info=info: pack.open(info))  # type: ignore[misc]


def _of_tar(pack: tarfile.TarFile, archive: Path) -> Iterator[Member]:
    for info in pack:
        if info.name.rstrip("/") in (".", ""):
            continue
        path = inside(info.name.rstrip("/"), archive)
        if info.isdir():
            continue
        if not info.isreg() or info.sparse is not None:
            raise FileError(f"{archive} is not unpacked: its member {path} is a link, a device or full of holes")
        yield Member(path, info.size, lambda info=info: pack.extractfile(info))  # type: ignore[misc]


def _unlittered(found: Iterator[Any]) -> Iterator[Member]:
    return (m for m in found if not set(LITTER) & set(m.path.parts))
