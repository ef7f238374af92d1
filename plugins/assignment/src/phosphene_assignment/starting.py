"""Laying out the assignment in a folder: the package to fill in, notebooks, instructions."""

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from phosphene_core import FileError
from phosphene_core.wholefile import whole

NOTEBOOKS = "notebooks"


def lay_out(folder: Path) -> list[str]:
    """Write the assignment into a folder that is empty or not there yet; the names of what was written. `FileError` if
    something is there that would be overwritten."""
    if folder.exists() and not folder.is_dir():
        raise FileError(f"{folder} is a file, not a folder")
    made = dict(_files(files("phosphene_assignment") / "template", ""))
    there = [name for name in made if (folder / name).exists() or (folder / name).is_symlink()]
    if there:
        raise FileError(f"{folder / there[0]} is there already; nothing was written. Start in another folder")
    for name, data in made.items():
        with whole(folder / name) as file:
            file.write(data)
    return sorted(made)


def _files(place: Traversable, prefix: str) -> Iterator[tuple[str, bytes]]:
    for entry in sorted(place.iterdir(), key=lambda e: e.name):
        name = prefix + entry.name
        if entry.is_dir():
            if entry.name != "__pycache__":
                yield from _files(entry, f"{name}/")
        elif name.startswith(f"{NOTEBOOKS}/") and name.endswith(".py"):
            yield f"{name[:-3]}.ipynb", notebook(entry.read_text("utf-8")).encode()
        elif not name.endswith(".pyc"):
            yield name, entry.read_bytes()


def notebook(text: str) -> str:
    """A notebook (.ipynb) made from its text (percent format)."""
    import jupytext

    made = jupytext.reads(text, fmt="py:percent")
    made.metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    for i, cell in enumerate(made.cells):
        cell["id"] = f"cell-{i}"  # the same text gives the same bytes
    return str(jupytext.writes(made, fmt="ipynb")) + "\n"
