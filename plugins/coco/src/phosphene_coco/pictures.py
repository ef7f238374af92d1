"""Captioned pictures as what a captioner learns from pixels: decoded, and brought to one size."""

import logging
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import attrs
import numpy as np

from phosphene_captioning.vocabulary import Vocabulary, words_of
from phosphene_coco.captioned import Captioned
from phosphene_coco.place import Place
from phosphene_core.errors import FileError
from phosphene_core.image import decode
from phosphene_core.layer import Array
from phosphene_core.threads import threads
from phosphene_resampling import fit

KEEP_BYTES = 1 << 30
log = logging.getLogger(__name__)


@attrs.frozen(eq=False)
class Pictures:
    """One split. `captions` (M, T) and the picture of each (M,); pictures are read when they are first asked for and kept
    up to a gigabyte."""

    place: Place
    listed: tuple[Captioned, ...]
    side: int
    captions: Array
    of: Array
    kept: dict[int, Array] = attrs.field(factory=dict, repr=False)

    @classmethod
    def of_split(
        cls, place: Place, listed: Iterable[Captioned], vocabulary: Vocabulary, length: int, side: int, skip: bool
    ) -> "Pictures":
        """`skip`: leave out pictures that are missing or damaged, and say how many; else `FileError` names the first
        that is missing now, and one that is damaged when it is read."""
        listed = tuple(listed)
        kept: dict[int, Array] = {}
        if skip:
            listed, kept = _readable(place, listed, side)
        for picture in listed:
            picture.found_in(place)
        said = [(i, w) for i, p in enumerate(listed) for c in p.captions if (w := words_of(c))]
        captions = vocabulary.encode_all([w for _, w in said], length).astype(np.int64)
        return cls(place, listed, side, captions, np.array([i for i, _ in said], np.intp), kept)

    def pixels(self, which: Array) -> Array:
        """These pictures (N, 3, side, side) uint8."""
        wanted, at = np.unique(which, return_inverse=True)
        new = [int(i) for i in wanted if int(i) not in self.kept]
        found = dict(zip(new, _each(lambda i: read(self.place, self.listed[i], self.side), new), strict=True))
        if (len(self.kept) + len(new)) * 3 * self.side**2 <= KEEP_BYTES:
            self.kept.update(found)
        made = [self.kept[int(i)] if int(i) in self.kept else found[int(i)] for i in wanted]
        return np.stack(made)[at] if made else np.zeros((0, 3, self.side, self.side), np.uint8)


def read(place: Place, picture: Captioned, side: int) -> Array:
    """The largest centred square of a picture, (3, side, side) uint8. `FileError` names it and where it is listed."""
    name = picture.found_in(place)
    try:
        return fit(decode(place.read(name), enough_for=(side, side)), side, side)
    except FileError as error:
        raise FileError(f"{place.path}: {name} ({picture.listed}): {error}; skip_missing leaves such pictures out") from None


def _readable(place: Place, listed: tuple[Captioned, ...], side: int) -> tuple[tuple[Captioned, ...], dict[int, Array]]:
    def tried(picture: Captioned) -> Array | None:
        try:
            return read(place, picture, side)
        except FileError:
            return None

    found = _each(tried, listed)
    fine = [(p, a) for p, a in zip(listed, found, strict=True) if a is not None]
    if len(fine) < len(listed):
        log.warning("%s: %d of %d pictures are missing or damaged; left out", place.path, len(listed) - len(fine), len(listed))
    fits = len(fine) * 3 * side**2 <= KEEP_BYTES
    return tuple(p for p, _ in fine), {i: a for i, (_, a) in enumerate(fine)} if fits else {}


def _each(work: Callable[[Any], Any], items: Sequence[Any]) -> list[Any]:
    """What `work` makes of each item, in order; Pillow decodes without the interpreter's lock."""
    if threads() == 1 or len(items) < 2:
        return [work(i) for i in items]
    with ThreadPoolExecutor(threads()) as pool:
        return list(pool.map(work, items))
