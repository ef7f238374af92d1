"""The lists of Flickr8k and Flickr30k, in the three forms that go round.

`captions.txt`: image,caption, or image,number,caption where its heading says so. `Flickr8k.token.txt` and
`results_20130124.token`: image#number, a tab, the caption. `results.csv`: image| number| caption. A heading may be missing.
"""

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

from phosphene_coco.captioned import Captioned, Splits
from phosphene_coco.place import Place
from phosphene_core.errors import FileError, one_line

Row = tuple[int, str, str]
OFFICIAL = {
    "train": "Flickr_8k.trainImages.txt", "val": "Flickr_8k.devImages.txt", "test": "Flickr_8k.testImages.txt",
}  # fmt: skip


def listing_in(place: Place) -> str | None:
    """The list in a place, if it holds one."""
    return next((found for name in LISTINGS if (found := place.find(name))), None)


def read(place: Place, name: str) -> Splits:
    """The pictures by split: as Flickr8k's own lists (`Flickr_8k.trainImages.txt`, ...) say where they are there; else by
    name order, the first 80% train, then 10% val and 10% test. `FileError` names the list and the line."""
    where = f"{place.path}: {name}"
    said: dict[str, list[str]] = {}
    lines: dict[str, int] = {}
    for line, image, caption in LISTINGS[PurePosixPath(name).name](place.text(name), where):
        image = PurePosixPath(image.strip()).name
        if not image or not caption.strip():
            raise FileError(f"{where}, line {line}: {'the caption' if image else 'the name of the picture'} is empty")
        said.setdefault(image, []).append(caption.strip())
        lines.setdefault(image, line)
    pictures = {f: Captioned(f, tuple(said[f]), listed=f"{name}, line {lines[f]}") for f in sorted(said)}
    official = {split: place.find(listing) for split, listing in OFFICIAL.items()}
    if all(official.values()):
        return {s: _named(place, str(listing), pictures) for s, listing in official.items()}
    every = list(pictures.values())
    first, second = len(every) * 8 // 10, len(every) * 9 // 10
    return {"train": every[:first], "val": every[first:second], "test": every[second:]}


def _named(place: Place, listing: str, pictures: dict[str, Captioned]) -> list[Captioned]:
    names = place.text(listing).split()
    for line, name in enumerate(names, 1):
        if name not in pictures:
            raise FileError(f"{place.path}: {listing}, line {line}: there is no caption of {name[:80]}")
    return [pictures[n] for n in names]


def _commas(text: str, where: str) -> Iterator[Row]:
    """Captions may hold commas, and quotes around them."""
    reader, place, line = csv.reader(io.StringIO(text)), 1, 0
    try:
        for row in reader:
            begun, line = line + 1, reader.line_num
            if begun < line:
                raise FileError(f"{where}, line {begun}: a quotation mark is opened and not closed before the line ends")
            if line == 1 and _is_heading(row):
                place = len(row) - 1
            elif row:
                if len(row) <= place:
                    wanted = "image,caption" if place == 1 else "image,number,caption"
                    raise FileError(f"{where}, line {line}: expected {wanted}, found {','.join(row)!r:.80}")
                yield line, row[0], ",".join(row[place:])
    except csv.Error as error:
        raise FileError(f"{where}, line {reader.line_num}: {one_line(error)}") from None


def _tabs(text: str, where: str) -> Iterator[Row]:
    for line, row in enumerate(_lines(text), 1):
        if row.strip():
            image, tab, caption = row.partition("\t")
            image, number, _ = image.partition("#")
            if not tab or not number:
                raise FileError(f"{where}, line {line}: expected image#number, a tab, a caption; found {row!r:.80}")
            yield line, image, caption


def _pipes(text: str, where: str) -> Iterator[Row]:
    for line, row in enumerate(_lines(text), 1):
        parts = row.split("|", 2)
        if row.strip() and not (line == 1 and _is_heading(parts)):
            if len(parts) < 3:
                raise FileError(f"{where}, line {line}: expected image| number| caption, found {row!r:.80}")
            yield line, parts[0], parts[2]


def _lines(text: str) -> Iterator[str]:
    """Lines as editors count them: captions may hold what Unicode calls a separator of lines."""
    return (row.rstrip("\n") for row in io.StringIO(text, newline=None))


def _is_heading(row: list[str]) -> bool:
    names = [name.strip().lower() for name in row]
    return len(names) in (2, 3) and names[0] in ("image", "image_name") and names[-1] in ("caption", "comment")


LISTINGS: dict[str, Callable[[str, str], Iterator[Row]]] = {
    "captions.txt": _commas,
    "Flickr8k.token.txt": _tabs,
    "results_20130124.token": _tabs,
    "results.csv": _pipes,
}
