"""The files of a new plugin, from the templates beside this file."""

import re
from importlib.resources import as_file, files
from pathlib import Path

from phosphene_core.errors import FileError, PhospheneError
from phosphene_scaffold.name import Name

ENDING = ".template"


def templates(kind: str) -> dict[str, str]:
    """Path -> text: what all kinds share, and what is the kind's own."""
    found = {}
    with as_file(files("phosphene_scaffold") / "templates") as folder:
        for part in ("shared", kind):
            for path in sorted((folder / part).rglob(f"*{ENDING}")):
                found[path.relative_to(folder / part).as_posix().removesuffix(ENDING)] = path.read_text(encoding="utf-8")
    return found


def write(name: Name, kind: str, folder: Path) -> list[str]:
    """Write the plugin into `folder`; the paths in it. `FileError` if the folder holds something or cannot be written."""
    made = {name.fill(path, kind): text for path, text in templates(kind).items()}
    if any(re.search(rf"\b{name.camel}\b", text) for text in made.values()):
        raise PhospheneError(f"the class would be called {name.camel}, as something that it uses; choose another name")
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise FileError(f"{folder} is there already and not empty; name another folder with -o")
        for path, text in made.items():
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(name.fill(text, kind), encoding="utf-8")
    except OSError as error:
        raise FileError(f"cannot write {folder}: {error.strerror or error}") from None
    return sorted(made)
