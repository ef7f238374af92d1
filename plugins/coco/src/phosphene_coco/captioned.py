"""Pictures with their captions, as COCO's JSON and Flickr's lists give them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath

import attrs

from phosphene_captioning.vocabulary import SPECIAL, Vocabulary
from phosphene_coco.place import Place
from phosphene_core.errors import FileError


@attrs.frozen
class Captioned:
    """One picture: its file's name, what people said of it, and where it is listed (`captions.txt, line 7`)."""

    file: str
    captions: tuple[str, ...]
    url: str = ""
    listed: str = attrs.field(default="", eq=False)

    def found_in(self, place: Place) -> str:
        """The file's name in the place. `FileError` says which row of which list asks for it."""
        name = place.by_name(self.file)
        if name is None:
            raise FileError(f"{place.path}: the picture {self.file} is missing ({self.listed}); skip_missing (--skip-missing) leaves such pictures out")
        return name


Splits = Mapping[str, list[Captioned]]


def is_listed(place: Place) -> bool:
    """Whether the place holds captions that `read` can read."""
    from phosphene_coco import flickr

    return bool(_jsons(place)) or flickr.listing_in(place) is not None


def read(place: Place) -> Splits:
    """The pictures of a place by split: from `captions_*.json` (COCO) or a list of Flickr8k's and 30k's."""
    from phosphene_coco import coco_json, flickr

    if jsons := _jsons(place):
        of: dict[str, str] = {}
        for name in jsons:
            split = _split_of(PurePosixPath(name).name)
            if (other := of.setdefault(split, name)) != name:
                raise FileError(f"{place.path}: {other} and {name} both hold captions for {split}; leave one of them out")
        return {split: coco_json.read(place, name) for split, name in of.items()}
    if listing := flickr.listing_in(place):
        return flickr.read(place, listing)
    raise FileError(
        f"{place.path} holds neither captions_*.json (COCO) nor {', '.join(flickr.LISTINGS)} (Flickr8k, Flickr30k)"
    )


def vocabulary_of(place: Place, captions: Iterable[Sequence[str]], least: int) -> Vocabulary:
    """The words that occur `least` times in captions (words, each) of a place. `FileError` if there is none."""
    found = Vocabulary.counted(captions, least)
    if len(found) == len(SPECIAL):
        raise FileError(f"{place.path}: no word occurs {least:,} times in the training captions; take a smaller number for least (--least)")
    return found


def _jsons(place: Place) -> list[str]:
    return [n for n in place.names if re.fullmatch(r"captions_\w+\.json", PurePosixPath(n).name)]


def _split_of(name: str) -> str:
    return "val" if "val" in name else "test" if "test" in name else "train"
