"""A whole data set: fetched, unpacked beside its place, and moved there in one step."""

import contextlib
import os
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import attrs

from phosphene_core.errors import FileError
from phosphene_core.lock import locked
from phosphene_download import members, record
from phosphene_download.address import addresses
from phosphene_download.fetch import Fetched, Manner, fetch
from phosphene_download.sources import Remote, Source
from phosphene_download.unpack import Limits, WriteError, unpack


@attrs.frozen
class Ears:
    """Who is told how it goes: bytes of a file, files of an archive, and remarks."""

    bytes: Callable[[str, int, int | None], None] = lambda name, have, all: None
    files: Callable[[str, int], None] = lambda name, count: None
    say: Callable[[str], None] = lambda line: None


def get(
    source: Source, root: Path, wanted: Sequence[str] = (), again: bool = False, manner: Manner = Manner(),
    limits: Limits = Limits(), ears: Ears = Ears(), sleep: Callable[[float], None] = time.sleep,
) -> Path:  # fmt: skip
    """The folder `root/NAME`, whole. What is there already is kept, unless `again`. `wanted`: where from, if not from
    the source's own addresses. `FileError` says what is wrong; what was there before is then untouched."""
    target, work = root / source.name, root / f".{source.name}.part"
    if target.exists() and not again:
        return target
    with locked(work, lambda: ears.say(f"another process is getting {source.name}; waiting for it")):
        if (work / "old").exists() and not target.exists():  # killed between two moves
            os.replace(work / "old", target)
        if target.exists() and not again:
            shutil.rmtree(work, ignore_errors=True)
            return target
        try:
            _into(target, work, source, wanted, manner, limits, ears, sleep)
        except OSError as error:
            raise FileError(f"cannot write {error.filename or work}: {error.strerror or error}") from None
        finally:
            with contextlib.suppress(OSError):
                work.rmdir()  # unless there is something to go on with
    return target


def _into(
    target: Path, work: Path, source: Source, wanted: Sequence[str], manner: Manner, limits: Limits, ears: Ears,
    sleep: Callable[[float], None],
) -> None:  # fmt: skip
    new, old = work / "new", work / "old"
    for leftover in (new, old):  # of a process that was killed
        shutil.rmtree(leftover, ignore_errors=True)
    new.mkdir()
    before = record.origin(target)
    fetched: list[Fetched] = []
    sums: dict[str, str] = {}
    try:
        for file in source.files:
            places = addresses(file, wanted, len(source.files) == 1)
            check = members.check if file.packed else _is_hdf5
            one = fetch(file, places, work, manner, ears.bytes, check, sleep)
            known = before.get(file.name, {}).get("sha256", one.sha256)
            if known != one.sha256:
                ears.say(f"{one.address} is another file than the last time: its SHA-256 was {str(known)[:12]}…")
            fetched.append(one)
            sums |= _placed(file, one, new, limits, ears)
        _holds(source, sums, fetched, work)
        record.write(new, source, fetched, sums)
        if target.exists():
            os.replace(target, old)
        os.replace(new, target)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        if old.exists() and not target.exists():
            os.replace(old, target)
        raise
    shutil.rmtree(work, ignore_errors=True)


def _placed(file: Remote, one: Fetched, new: Path, limits: Limits, ears: Ears) -> dict[str, str]:
    if not file.packed:
        shutil.copyfile(one.path, new / file.name)
        return {file.name: one.sha256}
    try:
        return unpack(one.path, new, limits, lambda count: ears.files(file.name, count))
    except WriteError:
        raise
    except FileError:
        _forget([one], new.parent)
        raise


def _holds(source: Source, sums: dict[str, str], fetched: list[Fetched], work: Path) -> None:
    have = {name.rpartition("/")[2] for name in sums}
    for name in source.holds:
        if name not in have:
            _forget(fetched, work)
            raise FileError(f"{fetched[0].address} is not {source.name}: there is no {name} in it")


def _forget(fetched: list[Fetched], work: Path) -> None:
    """What was downloaded is not what it should be: next time it is fetched again. Local files stay."""
    for one in fetched:
        if one.path.is_relative_to(work):
            one.path.unlink(missing_ok=True)


def _is_hdf5(path: Path) -> None:
    """Whoever reads it checks all of it; here only that it is no server's page of apology."""
    with path.open("rb") as file:
        if file.read(8) != b"\x89HDF\r\n\x1a\n":
            raise FileError(f"{path.name} is not an HDF5 file")
