"""What the data set holds, read from its text files: classes, and for each picture its file, label and box."""

import re

import attrs

from phosphene_core.errors import FileError, unknown
from phosphene_tinyimagenet.source import MARK, Source

SUFFIXES = (".jpeg", ".jpg", ".png")
NO_BOX = (-1, -1, -1, -1)
Box = tuple[int, int, int, int]


@attrs.frozen
class Picture:
    """A picture's file, its class (-1: not told), and its box (left, top, right, bottom), in pixels, both ends in."""

    file: str
    label: int = -1
    box: Box = NO_BOX


@attrs.frozen
class Listing:
    """Everything but the pixels. Class `i` is line `i` of `wnids.txt`, as the course counts."""

    class_ids: tuple[str, ...]
    class_names: tuple[str, ...]
    splits: dict[str, list[Picture]]


def read_listing(source: Source) -> Listing:
    """Read and check all text files. `FileError` names the file, and the line where there is one."""
    ids = _class_ids(source)
    names = _class_names(source, ids)
    train = [p for label, wnid in enumerate(ids) for p in _train(source, wnid, label)]
    labels = {wnid: i for i, wnid in enumerate(ids)}
    splits = {"train": train, "val": _annotated(source, "val", labels), "test": _annotated(source, "test", labels)}
    return Listing(ids, names, splits)


def _class_ids(source: Source) -> tuple[str, ...]:
    ids = [line.strip() for line in source.text(MARK) if line.strip()]
    if not ids:
        raise FileError(f"{source.where(MARK)} is empty; it should name a class in each line")
    if twice := sorted({i for i in ids if ids.count(i) > 1}):
        raise FileError(f"{source.where(MARK)} names the class {twice[0]:.40} twice")
    return tuple(ids)


def _class_names(source: Source, ids: tuple[str, ...]) -> tuple[str, ...]:
    if not source.has("words.txt"):
        raise FileError(f"{source.where('words.txt')} is missing; it should hold the names of the classes")
    words = dict(line.split("\t", 1) for line in source.text("words.txt") if "\t" in line)
    for wnid in ids:
        if wnid not in words:
            raise FileError(f"{source.where('words.txt')} has no name for the class {wnid:.40} of {MARK}")
    return tuple(words[wnid].strip() for wnid in ids)


def _train(source: Source, wnid: str, label: int) -> list[Picture]:
    folder = f"train/{wnid}/images"
    files = _pictures(source, folder)
    if not files:
        raise FileError(f"{source.where(folder)} is missing or holds no pictures, but {MARK} names {wnid:.40}")
    boxes: dict[str, Box] = {}
    if source.has(name := f"train/{wnid}/{wnid}_boxes.txt"):
        for number, line in _lines(source, name):
            boxes[line[0]] = _box(source, name, number, line[1:])
    return [Picture(f"{folder}/{file}", label, boxes.get(file, NO_BOX)) for file in files]


def _annotated(source: Source, split: str, labels: dict[str, int]) -> list[Picture]:
    """A split whose labels stand in one file; in its order. Without that file the pictures have no labels."""
    folder, name = f"{split}/images", f"{split}/{split}_annotations.txt"
    files = _pictures(source, folder)
    if not source.has(name):
        if files and split == "val":
            raise FileError(f"{source.where(name)} is missing; it holds the labels of {source.where(folder)}")
        return [Picture(f"{folder}/{file}") for file in files]
    left = set(files)
    found = []
    for number, line in _lines(source, name):
        file, wnid = line[0], line[1] if len(line) > 1 else ""
        where = f"{source.where(name)}, line {number}"
        if wnid not in labels:
            raise FileError(f"{where}: {unknown('class', wnid, labels, limit=3)}")
        if file not in left:
            problem = "has two lines" if file in files else f"is not in {source.where(folder)}"
            raise FileError(f"{where}: the picture {file:.80} {problem}")
        left.discard(file)
        found.append(Picture(f"{folder}/{file}", labels[wnid], _box(source, name, number, line[2:])))
    if left:
        count = f"{len(left)} pictures, such as {min(left)}"
        raise FileError(f"{source.where(name)} has no line for {count if len(left) > 1 else min(left)}")
    return found


def _lines(source: Source, name: str) -> list[tuple[int, list[str]]]:
    return [(i, line.split()) for i, line in enumerate(source.text(name), 1) if line.strip()]


def _box(source: Source, name: str, number: int, fields: list[str]) -> Box:
    if not fields:
        return NO_BOX
    try:
        left, top, right, bottom = map(int, fields)
    except ValueError:
        where = f"{source.where(name)}, line {number}"
        raise FileError(f"{where}: a box is four whole numbers, not '{' '.join(fields):.60}'") from None
    return left, top, right, bottom


def _pictures(source: Source, folder: str) -> list[str]:
    """The pictures of a folder, `a_2` before `a_10`."""
    files = [f for f in source.files(folder) if f.lower().endswith(SUFFIXES) and not f.startswith(".")]
    return sorted(files, key=lambda f: [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", f)])
