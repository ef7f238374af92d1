"""A folder or a zip file: names and bytes, the same way."""

import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from phosphene_core.errors import FileError, one_line
from phosphene_core.stored import read_member
from phosphene_core.wholefile import whole

MAX_FILE = 256 << 20
SPARE, RATIO = 64 << 20, 200
"""A zip's member may be larger than what is stored of it: by so many bytes, and so many times."""


class Place:
    """Reads files below a folder, or inside a zip without unpacking it. Names are relative, with `/`."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._zip: zipfile.ZipFile | None = None
        if self.path.is_dir():
            self.names = sorted(_files(self.path))
        elif not self.path.exists():
            raise FileError(f"{path} does not exist")
        else:
            try:
                self._zip = zipfile.ZipFile(self.path)
            except OSError as error:
                raise FileError(f"{path} cannot be read: {one_line(error)}") from None
            except Exception:  # zipfile raises many kinds on damaged files
                raise FileError(f"{path} is {_no_zip(self.path)}") from None
            self.names = sorted(i.filename for i in self._zip.infolist() if i.filename and not i.is_dir())
        self._by_name: dict[str, str] | None = None

    def find(self, ending: str) -> str | None:
        """The first name that is `ending` or ends in `/ending`."""
        return next((n for n in self.names if n == ending or n.endswith("/" + ending)), None)

    def by_name(self, name: str) -> str | None:
        """The file called `name`, in whatever folder it lies."""
        if self._by_name is None:
            self._by_name = {n.rpartition("/")[2]: n for n in self.names}
        return self._by_name.get(name.rpartition("/")[2])

    def read(self, name: str) -> bytes:
        """A file's bytes. `FileError` names the place and the file."""
        try:
            if self._zip is None:
                with open(f"{self.path}/{name}", "rb", buffering=0) as file:  # of many small files, each costs what opening it does
                    if os.fstat(file.fileno()).st_size > MAX_FILE:
                        raise FileError(f"{self.path / name} is larger than {MAX_FILE >> 20} MiB")
                    return file.readall()
            info = self._zip.getinfo(name)
            if info.file_size > MAX_FILE:
                raise FileError(f"{self.path}: {name} is larger than {MAX_FILE >> 20} MiB")
            return read_member(self._zip, info)
        except FileError:
            raise
        except Exception as error:  # zipfile raises many kinds on damaged files
            raise FileError(f"{self.path}: {name} cannot be read: {one_line(error)}") from None

    def copy(self, name: str, target: Path) -> None:
        """A file of any size to `target`, whole or not at all. `FileError` if it cannot be read, if it cannot be written,
        or if it is much larger than what is stored of it."""
        assert self._zip is not None
        where = f"{self.path}: {name}"
        with whole(target) as file:
            try:
                info = self._zip.getinfo(name)
                if info.file_size > SPARE + RATIO * info.compress_size:
                    raise FileError(f"{where} claims {info.file_size:,} bytes, more than the zip may hold")
                source, left = self._zip.open(info), info.file_size
            except FileError:
                raise
            except Exception as error:  # zipfile raises many kinds on damaged files
                raise FileError(f"{where} cannot be read: {one_line(error)}") from None
            with source:
                while block := _block(source, where):
                    if (left := left - len(block)) < 0:
                        raise FileError(f"{where} is larger than it says")
                    file.write(block)

    def text(self, name: str) -> str:
        """A text file (UTF-8, with or without a mark)."""
        try:
            return self.read(name).decode("utf-8-sig")
        except UnicodeDecodeError:
            raise FileError(f"{self.path}: {name} is not text in UTF-8") from None


def _files(folder: Path) -> Iterator[str]:
    """Every file below a folder; links to folders are followed, each folder once."""
    seen = set()
    for where, below, files in os.walk(folder, followlinks=True):
        if (real := os.path.realpath(where)) in seen:
            below.clear()
            continue
        seen.add(real)
        inside = Path(where).relative_to(folder)
        yield from ((inside / name).as_posix() for name in files if (Path(where) / name).is_file())


def _no_zip(path: Path) -> str:
    """What a file is that zipfile cannot read, in words."""
    with path.open("rb") as file:
        begins = file.read(4) == b"PK\3\4"
    return "a zip file that is cut off or damaged: get it again" if begins else "neither a folder nor a zip file"


def _block(source: IO[bytes], where: str) -> bytes:
    try:
        return source.read(1 << 20)
    except Exception as error:
        raise FileError(f"{where} cannot be read: {one_line(error)}") from None
