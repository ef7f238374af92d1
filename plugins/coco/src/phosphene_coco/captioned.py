"""Pictures with their captions, as COCO's JSON and Flickr's captions.txt list them."""

import csv
import io
import json
import re
from collections.abc import Mapping
from pathlib import PurePosixPath

import attrs

from phosphene_coco.place import Place
from phosphene_core.errors import FileError


@attrs.frozen
class Captioned:
    """One picture: its file's name and what people said of it."""

    file: str
    captions: tuple[str, ...]
    url: str = ""


Splits = Mapping[str, list[Captioned]]


def read(place: Place) -> Splits:
    """The pictures of a place by split: from `captions_*.json` (COCO) or `captions.txt` (Flickr8k and 30k)."""
    jsons = [n for n in place.names if re.fullmatch(r"captions_\w+\.json", PurePosixPath(n).name)]
    if jsons:
        return {_split_of(PurePosixPath(n).name): coco(place, n) for n in jsons}
    listing = place.find("captions.txt") or place.find("results.csv") or place.find("results_20130124.token")
    if listing:
        return flickr(place, listing)
    raise FileError(f"{place.path} holds neither captions_*.json (COCO) nor captions.txt (Flickr)")


def coco(place: Place, name: str) -> list[Captioned]:
    """COCO's own annotation file: `images` (id, file_name) and `annotations` (image_id, caption)."""
    where = f"{place.path}: {name}"
    try:
        whole = json.loads(place.text(name))
        images, annotations = whole["images"], whole["annotations"]
        files = {i["id"]: (str(i["file_name"]), str(i.get("coco_url", ""))) for i in images}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise FileError(f"{where} is not COCO's captions format ({type(error).__name__}: {error})") from None
    said: dict[object, list[str]] = {i: [] for i in files}
    for row, annotation in enumerate(annotations):
        try:
            said[annotation["image_id"]].append(str(annotation["caption"]).strip())
        except (KeyError, TypeError) as error:
            raise FileError(f"{where}: annotation {row} names no picture that is listed ({error})") from None
    return [Captioned(files[i][0], tuple(c), files[i][1]) for i, c in said.items() if c]


def flickr(place: Place, name: str) -> Splits:
    """Flickr8k's and 30k's list: a line `image,caption` each; captions may hold commas and quotes. There are no official
    splits in it: by name order, the first 80% train, then 10% val and 10% test."""
    said: dict[str, list[str]] = {}
    reader = csv.reader(io.StringIO(place.text(name)))
    try:
        for row in reader:
            if row[:2] == ["image", "caption"] or not row:
                continue
            if len(row) < 2 or not row[0].strip():
                raise FileError(f"{place.path}: {name}, line {reader.line_num}: expected image,caption, found {row!r:.80}")
            said.setdefault(row[0].strip(), []).append(",".join(row[1:]).strip())
    except csv.Error as error:
        raise FileError(f"{place.path}: {name}, line {reader.line_num}: {error}") from None
    pictures = [Captioned(f, tuple(said[f])) for f in sorted(said)]
    first, second = len(pictures) * 8 // 10, len(pictures) * 9 // 10
    return {"train": pictures[:first], "val": pictures[first:second], "test": pictures[second:]}


def _split_of(name: str) -> str:
    return "val" if "val" in name else "test" if "test" in name else "train"
