"""Where the files lie: a folder, or a zip read without unpacking it. Names inside are like `val/images/a.JPEG`."""

import os
import zipfile
from abc import ABC, abstractmethod
from pathlib import Path, PurePosixPath

import attrs

from phosphene_core.errors import FileError, one_line
from phosphene_core.stored import read_member

MARK = "wnids.txt"
MAX_MEMBER = 64 << 20


class Source(ABC):
    """Files by name. Errors are `FileError`s that name the file as a person finds it."""

    path: Path

    @abstractmethod
    def read(self, name: str) -> bytes:
        """The bytes of a file. May be called from several threads."""

    @abstractmethod
    def files(self, folder: str) -> list[str]:
        """The plain names of the files directly in a folder; none if there is no such folder."""

    @abstractmethod
    def fingerprint(self) -> str:
        """Changes when the source changes, and takes no reading of the pictures to tell."""

    @abstractmethod
    def where(self, name: str) -> str:
        """The file's place, for people."""

    def has(self, name: str) -> bool:
        head, _, tail = name.rpartition("/")
        return tail in self.files(head)

    def text(self, name: str) -> list[str]:
        """The lines of a text file."""
        try:
            return self.read(name).decode("utf-8-sig").splitlines()
        except UnicodeDecodeError:
            raise FileError(f"{self.where(name)} is not a text file") from None

    @abstractmethod
    def close(self) -> None:
        """Let go of what is open."""


@attrs.define(eq=False)
class FolderSource(Source):
    """The unpacked data set."""

    path: Path
    _listed: dict[str, list[str]] = attrs.field(factory=dict)

    def read(self, name: str) -> bytes:
        try:
            return (self.path / name).read_bytes()
        except OSError as error:
            raise FileError(f"{self.where(name)} cannot be read: {error.strerror or error}") from None

    def files(self, folder: str) -> list[str]:
        if folder not in self._listed:
            try:
                with os.scandir(self.path / folder) as entries:
                    self._listed[folder] = [e.name for e in entries if e.is_file()]
            except (FileNotFoundError, NotADirectoryError):
                self._listed[folder] = []
            except OSError as error:
                raise FileError(f"{self.where(folder)} cannot be read: {error.strerror or error}") from None
        return self._listed[folder]

    def fingerprint(self) -> str:
        # A folder's own time changes when files come or go, so 60,000 pictures need not be asked one by one.
        marks = [self.path / "words.txt", self.path / MARK]
        for split in ("train", "val", "test"):
            marks += sorted((self.path / split).glob("*"))
        marks += sorted((self.path / "train").glob("*/*"))
        return repr([(str(m), *_stat(m)) for m in marks])

    def where(self, name: str) -> str:
        return str(self.path / name)

    def close(self) -> None:
        self._listed.clear()


@attrs.define(eq=False)
class ZipSource(Source):
    """The data set as it is handed out: one zip file."""

    path: Path
    _zip: zipfile.ZipFile
    _root: str
    _folders: dict[str, list[str]] = attrs.field(factory=dict)

    @classmethod
    def open(cls, path: Path) -> "ZipSource":
        try:
            archive = zipfile.ZipFile(path)
        except OSError as error:
            raise FileError(f"{path} cannot be read: {error.strerror or error}") from None
        except Exception:  # zipfile raises many kinds on damaged files
            raise FileError(f"{path} is not a zip file, or its download broke off; get it again") from None
        folders: dict[str, list[str]] = {}
        for name in archive.namelist():
            head, _, tail = name.rpartition("/")
            if tail and not head.startswith("__MACOSX"):
                folders.setdefault(head, []).append(tail)
        roots = sorted((len(PurePosixPath(f).parts), f) for f, names in folders.items() if MARK in names)
        if not roots:
            archive.close()
            raise FileError(f"{path} is not a TinyImageNet zip: there is no {MARK} in it")
        return cls(path, archive, f"{roots[0][1]}/" if roots[0][1] else "", folders)

    def read(self, name: str) -> bytes:
        try:
            info = self._zip.getinfo(self._root + name)
            if info.file_size > MAX_MEMBER:
                raise FileError(f"{self.where(name)} is larger than {MAX_MEMBER >> 20} MB")
            return read_member(self._zip, info)
        except FileError:
            raise
        except KeyError:
            raise FileError(f"{self.where(name)} does not exist") from None
        except Exception as error:  # a damaged member raises many kinds: BadZipFile, zlib.error, RuntimeError, ...
            raise FileError(f"{self.where(name)} cannot be read, the zip is damaged: {one_line(error)}") from None

    def files(self, folder: str) -> list[str]:
        return self._folders.get((self._root + folder).rstrip("/"), [])

    def fingerprint(self) -> str:
        return repr((str(self.path), *_stat(self.path)))

    def where(self, name: str) -> str:
        return f"{self.path}: {self._root}{name}"

    def close(self) -> None:
        self._zip.close()


def find_root(path: str) -> Path:
    """The zip, or the folder that holds `wnids.txt`: the one named, or the only such folder inside it."""
    place = Path(path).expanduser().resolve()
    if not place.exists():
        raise FileError(f"{path} does not exist; name the folder or the zip of TinyImageNet")
    if place.is_file() or (place / MARK).is_file():
        return place
    inside = [m.parent for m in sorted(place.glob(f"*/{MARK}"))]
    if len(inside) == 1:
        return inside[0]
    if not inside:
        raise FileError(f"{path} is not a TinyImageNet folder: there is no {MARK} in it")
    raise FileError(f"{path} holds several TinyImageNet folders; name one: {', '.join(p.name for p in inside)}")


def open_source(place: Path) -> Source:
    """A source at a place that `find_root` found."""
    return FolderSource(place) if place.is_dir() else ZipSource.open(place)


def fingerprint(place: Path) -> str:
    """The fingerprint without opening a zip."""
    return FolderSource(place).fingerprint() if place.is_dir() else repr((str(place), *_stat(place)))


def _stat(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
        return status.st_size, status.st_mtime_ns
    except OSError:
        return -1, -1
