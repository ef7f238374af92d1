"""`phosphene run ... --grid`: several techniques, or several values of a setting, on one sheet."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from phosphene_core.errors import SettingError, unknown
from phosphene_core.image import decode, encode
from phosphene_core.layer import Array
from phosphene_core.sheet import sheet
from phosphene_registry.files import write_json
from phosphene_registry.job import RESULT, Job
from phosphene_registry.pictures import resized
from phosphene_registry.resolver import find
from phosphene_registry.spec import parse, values_of

if TYPE_CHECKING:
    from phosphene_registry.catalogue import Entry
    from phosphene_registry.registry import Registry

GRID = "grid.png"
WIDE, NARROW, FEW = 384, 288, 5
Given = Mapping[str, Mapping[str, Any]]


@attrs.frozen
class Variation:
    """One column of the sheet: its title, the technique, and the settings that the user gave for it."""

    title: str
    entry: "Entry"
    given: dict[str, dict[str, Any]]


def variations(registry: "Registry", entry: "Entry", given: Given, wanted: Sequence[str]) -> list[Variation]:
    """What is compared. `wanted`: `gradcam,lrp` adds techniques beside the one that is run, `layer=conv2,conv4` runs it
    with each of these values; a technique with settings (`gradcam:layer=conv4`) is a word of its own."""
    found: list[Variation] = []
    others: list[Variation] = []
    for text in wanted:
        name, equals, values = text.partition("=")
        if equals and ":" not in name:
            prefix = _owner(registry, entry, name.replace("-", "_"))
            for value in values_of(values):
                own = {k: dict(v) for k, v in given.items()}
                own.setdefault(prefix, {})[name.replace("-", "_")] = value
                found.append(Variation(f"{name} {value}", entry, own))
        else:
            for spec in [text] if ":" in text and not text.startswith("(") else values_of(text):
                other, settings = find(registry.catalogue, parse(spec), "technique")
                question = {"objective": dict(given.get("objective", {}))}
                others.append(Variation(_title(spec), other, {**question, "technique": settings}))
    if not found:
        found.append(Variation(entry.name.replace("_", " "), entry, {k: dict(v) for k, v in given.items()}))
    return found + others


def _title(spec: str) -> str:
    """A technique as a title that breaks into lines: `gradcam: layer=conv4, variant=layercam`."""
    name, colon, settings = spec.partition(":")
    return name.replace("_", " ") + (": " + settings.replace(",", ", ") if colon else "")


def _owner(registry: "Registry", entry: "Entry", name: str) -> str:
    """Whose setting it is: the technique's, or the question's."""
    own = [o.name for o in entry.options]
    if name in own:
        return "technique"
    asked = {o.name for e in registry.entries("objective").values() for o in e.options}
    if name in asked:
        return "objective"
    raise SettingError(str(unknown(f"setting of {entry.name} or of a question", name, {*own, *asked})))


class Grid:
    """All variations over the same pictures: each in a folder of its own, and the sheet of them all."""

    def __init__(self, columns: Sequence[Variation], folder: Path, jobs: Sequence[Job]) -> None:
        self.columns, self.folder, self.jobs = columns, folder, jobs

    def run(self, arguments: list[str]) -> dict[str, Any]:
        """Run each variation; write the sheet and what came out, and return that."""
        results = [job.run(arguments) for job in self.jobs]
        rows = list(self._rows(results))
        if rows:
            across = len(self.columns) + 1
            titles = ["", *(c.title for c in self.columns)]
            names = [Path(one["image"]).name if one["image"] else "" for one in results[0]["results"]]
            cells = [
                [None if p is None else _fitted(p, WIDE if across <= FEW else NARROW) for p in row] for row in rows
            ]
            if not any(row[0] is not None for row in cells):
                cells, titles = [row[1:] for row in cells], titles[1:]
            encode(sheet(cells, titles, names if len(names) > 1 else ()), self.folder / GRID)
        told = {
            "grid": GRID if rows else None,
            "columns": [{"title": c.title, "folder": j.folder.name, **r}
                        for c, j, r in zip(self.columns, self.jobs, results, strict=True)],
        }  # fmt: skip
        if rows:
            write_json(self.folder / RESULT, told)
        return told

    def complain(self) -> None:
        """As `Job.complain`, once for all."""
        self.jobs[0].complain()

    def _rows(self, results: list[dict[str, Any]]) -> Iterator[list[Array | None]]:
        """For each picture, itself and what every variation made of it."""
        for n, first in enumerate(results[0]["results"]):
            files = first["files"]
            row: list[Array | None] = [None]
            if "picture" in files:
                row = [decode(self.jobs[0].folder / files["picture"])]
            for job, result in zip(self.jobs, results, strict=True):
                made = result["results"][n]["files"]
                row.append(decode(job.folder / (made.get("overlay") or made.get("large") or made["final"])))
            yield row


def _fitted(picture: Array, width: int) -> Array:
    return resized(picture, width / picture.shape[1])


def folder_of(column: Variation, taken: Sequence[Path], parent: Path) -> Path:
    """A folder for one variation, named after its title."""
    plain = "".join(c if c.isalnum() or c in "+-." else "-" for c in column.title).strip("-.") or "column"
    name, number = plain, 2
    while parent / name in taken:
        name, number = f"{plain}-{number}", number + 1
    return parent / name
