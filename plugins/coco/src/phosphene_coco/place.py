"""A folder or a zip file: names and bytes, the same way."""

import os
import zipfile
from pathlib import Path, PurePosixPath
from typing import IO

from phosphene_core.errors import FileError

MAX_FILE = 1 << 30


class Place:
    """Reads files below a folder, or inside a zip without unpacking it. Names are relative, with `/`."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._zip: zipfile.ZipFile | None = None
        if self.path.is_dir():
            self.names = sorted(p.relative_to(self.path).as_posix() for p in self.path.rglob("*") if p.is_file())
        elif not self.path.exists():
            raise FileError(f"{path} does not exist")
        else:
            try:
                self._zip = zipfile.ZipFile(self.path)
            except (zipfile.BadZipFile, OSError, NotImplementedError) as error:
                raise FileError(f"{path} is neither a folder nor a zip file that can be read: {error}") from None
            self.names = sorted(i.filename for i in self._zip.infolist() if not i.is_dir())
        self._by_name: dict[str, str] | None = None

    def find(self, ending: str) -> str | None:
        """The first name that is `ending` or ends in `/ending`."""
        return next((n for n in self.names if n == ending or n.endswith("/" + ending)), None)

    def by_name(self, name: str) -> str | None:
        """The file called `name`, in whatever folder it lies."""
        if self._by_name is None:
            self._by_name = {PurePosixPath(n).name: n for n in self.names}
        return self._by_name.get(PurePosixPath(name).name)

    def read(self, name: str) -> bytes:
        """A file's bytes. `FileError` names the place and the file."""
        try:
            if self._zip is None:
                path = self.path / name
                if path.stat().st_size > MAX_FILE:
                    raise FileError(f"{path} is larger than {MAX_FILE >> 20} MiB")
                return path.read_bytes()
            if self._zip.getinfo(name).file_size > MAX_FILE:
                raise FileError(f"{self.path}: {name} is larger than {MAX_FILE >> 20} MiB")
            return self._zip.read(name)
        except FileError:
            raise
        except Exception as error:  # zipfile raises many kinds on damaged files
            raise FileError(f"{self.path}: {name} cannot be read: {error}") from None

    def opened(self, name: str) -> IO[bytes]:
        """A file of any size, open for reading. `FileError` names the place and the file."""
        try:
            return open(self.path / name, "rb") if self._zip is None else self._zip.open(name)
        except Exception as error:  # zipfile raises many kinds on damaged files
            raise FileError(f"{self.path}: {name} cannot be read: {error}") from None

    def text(self, name: str) -> str:
        """A text file (UTF-8, with or without a mark)."""
        try:
            return self.read(name).decode("utf-8-sig")
        except UnicodeDecodeError:
            raise FileError(f"{self.path}: {name} is not text in UTF-8") from None
