"""What a student hands in, a folder or a zip file, as a copy of its code that is safe to look at."""

import contextlib
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import attrs

from phosphene_assignment.asking import PACKAGE
from phosphene_core import FileError, PhospheneError

FILES, BYTES = 300, 20 << 20
"""A submission's code may have so many files and so many bytes."""
NO_CODE = frozenset({"__pycache__", "__MACOSX", ".git", ".venv", "venv", "node_modules", ".ipynb_checkpoints"})
COMPILED = (".pyc", ".pyo", ".so", ".pyd", ".dll", ".dylib", ".o")
DEPTH = 4


@attrs.frozen
class Submission:
    """`path`: a folder or a zip file. `name`: what the table calls it."""

    name: str
    path: Path

    @contextlib.contextmanager
    def opened(self) -> Iterator[Path]:
        """A folder, read-only and gone afterwards, that holds the package `assignment3` alone. `FileError` says what is
        wrong with the submission."""
        found = _in_zip(self.path) if self.path.is_file() else _in_folder(self.path)
        files = _package(found)
        with tempfile.TemporaryDirectory(prefix="phosphene-submission-", ignore_cleanup_errors=True) as made:
            for name, data in files.items():
                target = Path(made, PACKAGE, *PurePosixPath(name).parts)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)
                target.chmod(0o444)
            yield Path(made)


def submissions(paths: list[Path]) -> list[Submission]:
    """The submissions that are meant: each path is one, or a folder of them."""
    out: list[Submission] = []
    for path in paths:
        if not path.exists():
            raise FileError(f"{path} does not exist")
        if path.is_file() or (path / PACKAGE).is_dir():
            out.append(Submission(path.stem if path.is_file() else path.resolve().name, path))
            continue
        inside = [p for p in sorted(path.iterdir()) if not p.name.startswith(".") and p.name not in NO_CODE]
        inside = [p for p in inside if p.is_dir() or p.suffix == ".zip"]
        if not inside:
            raise PhospheneError(f"{path} is no submission (it has no folder {PACKAGE}) and holds none")
        out += [Submission(p.stem if p.is_file() else p.name, p) for p in inside]
    names = [s.name for s in out]
    return [s if names.count(s.name) == 1 else attrs.evolve(s, name=str(s.path)) for s in out]


def _package(files: dict[str, bytes]) -> dict[str, bytes]:
    """The files of the package, wherever in the submission it lies: the highest place counts."""
    places = [PurePosixPath(n).parts for n in files]
    depths = [p.index(PACKAGE) for p in places if PACKAGE in p[:-1] and p[-1].endswith(".py")]
    if not depths:
        raise FileError(f"there is no folder {PACKAGE} with Python files in it")
    top = min(depths)
    roots = {p[: top + 1] for p in places if len(p) > top + 1 and p[top] == PACKAGE}
    if len(roots) > 1:
        raise FileError(f"there are {len(roots)} folders called {PACKAGE}; hand in one")
    root = roots.pop()
    return {"/".join(p[top + 1 :]): files["/".join(p)] for p in places if p[: top + 1] == root}


def _in_folder(folder: Path) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    total = 0
    for path in _walk(folder, 0):
        total += path.stat().st_size
        _bounded(len(files), total)
        files[path.relative_to(folder).as_posix()] = path.read_bytes()
    return files


def _walk(folder: Path, depth: int) -> Iterator[Path]:
    """Plain files; links are left out, so that nothing outside the folder is read."""
    for path in sorted(folder.iterdir()):
        if path.is_symlink() or path.name in NO_CODE:
            continue
        inside = PACKAGE in path.parts[len(path.parts) - depth - 1 :]
        if path.is_dir() and (depth < DEPTH or inside):
            yield from _walk(path, depth + 1)
        elif path.is_file() and inside and not path.name.endswith(COMPILED):
            yield path


def _in_zip(path: Path) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                parts = PurePosixPath(member.filename.replace("\\", "/")).parts
                linked = stat.S_ISLNK(member.external_attr >> 16)
                if member.is_dir() or linked or PACKAGE not in parts or not NO_CODE.isdisjoint(parts):
                    continue
                if ".." in parts or parts[0] == "/" or ":" in parts[0] or parts[-1].endswith(COMPILED):
                    continue
                with archive.open(member) as file:
                    data = file.read(BYTES + 1)  # whatever the archive says about its size
                _bounded(len(files), sum(map(len, files.values())) + len(data))
                files["/".join(parts)] = data
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError, ValueError, zlib.error) as error:
        raise FileError(f"{path.name} is no zip file that can be read: {str(error)[:100]}") from None
    return files


def _bounded(count: int, total: int) -> None:
    if count >= FILES or total > BYTES:
        raise FileError(f"the folder {PACKAGE} holds more than {FILES} files or {BYTES >> 20} MB; leave data and results out")
