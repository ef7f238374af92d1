"""What an encoder sees in listed pictures: from their files to feature vectors."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context

import attrs
import numpy as np

from phosphene_coco.captioned import Captioned, Splits
from phosphene_coco.place import Place
from phosphene_core.errors import FileError
from phosphene_core.image import decode
from phosphene_core.layer import Array, Need, Pass
from phosphene_core.model import ImageModel
from phosphene_core.threads import threads, use_threads
from phosphene_resampling import fit

BATCH, LEAST = 64, 32
"""Pictures that one core looks at together: at most, and at least, but for the last of all."""
Listed = tuple[str, Captioned]
"""A split's name and one of its pictures."""


@attrs.frozen(eq=False)
class Seen:
    """By split the pictures that could be read and the features (P, D) of each; the names of those that could not."""

    pictures: dict[str, list[Captioned]]
    features: dict[str, Array]
    missing: tuple[str, ...]


def look_at(
    place: Place, splits: Splits, encoder: ImageModel, activation: str, skip_missing: bool, progress: Callable[[int], None]
) -> Seen:
    """The encoder's features of all pictures; of a map the means over the picture. `FileError` for the first picture that is
    missing or damaged, unless these may be skipped. `progress` is told how many more are done."""
    listed = [(split, picture) for split, pictures in splits.items() for picture in pictures]
    pictures: dict[str, list[Captioned]] = {split: [] for split in splits}
    missing: list[str] = []
    parts: list[Array] = []
    for some, fine, features in _batches(place, listed, encoder, activation, skip_missing):
        for (split, picture), found in zip(some, fine, strict=True):
            if found:
                pictures[split].append(picture)
            else:
                missing.append(picture.file)
        if any(fine):
            parts.append(features)
        progress(len(some))
    whole = np.concatenate(parts) if parts else np.zeros((0, 0), np.float32)
    ends = np.cumsum([len(p) for p in pictures.values()])[:-1]
    return Seen(pictures, dict(zip(pictures, np.split(whole, ends), strict=True)), tuple(missing))


def _batches(
    place: Place, listed: Sequence[Listed], encoder: ImageModel, activation: str, skip_missing: bool
) -> Iterator[tuple[Sequence[Listed], list[bool], Array]]:
    """Batches of pictures, which of each could be read, and the features of these. Every core takes batches of its own,
    from the file to the features: none waits for another to decode, and what one core alone can do is the same for any
    number of them."""
    size = encoder.input_shape[1], encoder.input_shape[2]

    def look(some: Sequence[Listed]) -> tuple[list[bool], Array]:
        found = [_read(place, picture, size, skip_missing) for _, picture in some]
        images = encoder.input_of([planes for planes in found if planes is not None])
        a = encoder.trace(images, upto=activation, run=Pass(need=Need.NOTHING))[activation]
        return [planes is not None for planes in found], a.mean(axis=tuple(range(2, a.ndim))) if a.ndim > 2 else a

    cores = threads()
    ahead: deque[tuple[Sequence[Listed], Future[tuple[list[bool], Array]]]] = deque()
    with use_threads(1), ThreadPoolExecutor(cores) as pool:
        try:
            for some in shares(listed, cores):
                ahead.append((some, pool.submit(copy_context().run, look, some)))
                if len(ahead) > 2 * cores:
                    first, done = ahead.popleft()
                    yield first, *done.result()
            while ahead:
                first, done = ahead.popleft()
                yield first, *done.result()
        finally:
            for _, done in ahead:
                done.cancel()


def shares(listed: Sequence[Listed], cores: int) -> Iterator[Sequence[Listed]]:
    """The pictures in batches that become smaller towards the end, so that no core works long when the others are done."""
    start = 0
    while start < len(listed):
        size = min(BATCH, max(LEAST, (len(listed) - start) // (2 * cores)))
        yield listed[start : start + size]
        start += size


def _read(place: Place, picture: Captioned, size: tuple[int, int], skip_missing: bool) -> Array | None:
    """A picture's planes (3, H, W) uint8 at the encoder's size; None if it may be skipped and cannot be read."""
    try:
        return fit(decode(place.read(picture.found_in(place)), enough_for=size), *size)
    except FileError as error:
        if skip_missing:
            return None
        where = "" if picture.listed in str(error) else f"{picture.file} ({picture.listed}): "
        raise FileError(f"{where}{error}; --skip-missing leaves such pictures out") from None
