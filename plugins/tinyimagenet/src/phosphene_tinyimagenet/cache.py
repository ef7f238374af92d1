"""The decoded data set on disk: one HDF5 file per source, made once and then mapped into memory."""

import contextlib
import hashlib
import json
import logging
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from phosphene_core.errors import FileError
from phosphene_core.layer import Array
from phosphene_tinyimagenet.decoding import decode_all, picture_size
from phosphene_tinyimagenet.listing import Listing, read_listing
from phosphene_tinyimagenet.source import find_root, fingerprint, open_source

try:
    import fcntl
except ImportError:  # not a Unix: two processes may both decode; the file is put in place whole all the same
    fcntl = None  # type: ignore[assignment]

VERSION = 1
log = logging.getLogger(__name__)


@attrs.frozen
class Split:
    """A split's arrays: images (N, 3, H, W) uint8, labels (N,) with -1 for none, boxes (N, 4), file names."""

    images: Array
    labels: Array
    boxes: Array
    files: tuple[str, ...]


@attrs.frozen
class Store:
    """The whole data set, decoded. `mean` is the mean training image (3, H, W) float32."""

    class_ids: tuple[str, ...]
    class_names: tuple[str, ...]
    mean: Array
    splits: dict[str, Split]


def cache_folder() -> Path:
    """`PHOSPHENE_CACHE`, or `phosphene` in the user's cache folder (`XDG_CACHE_HOME`, else `~/.cache`)."""
    if own := os.environ.get("PHOSPHENE_CACHE"):
        return Path(own).expanduser()
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if Path(base).is_absolute() else Path.home() / ".cache") / "phosphene"


def cache_file(place: Path) -> Path:
    """Where the decoded form of the source at `place` is kept: one file per place, replaced when the source changes."""
    digest = hashlib.sha256(str(place).encode()).hexdigest()[:12]
    return cache_folder() / "tinyimagenet" / f"{place.stem}-{digest}.h5"


def open_store(path: str) -> Store:
    """The data set at `path`, from the cache if it is there and still true, else decoded now."""
    place = find_root(path)
    target, mark = cache_file(place), f"{VERSION} {fingerprint(place)}"
    if (store := _read(target, mark)) is not None:
        return store
    with _writing(target), _locked(target):
        if (store := _read(target, mark)) is not None:  # another process was quicker
            return store
        _build(place, target, mark)
    if (store := _read(target, mark)) is None:
        raise FileError(f"{target} changed while it was written; try again")
    return store


def _build(place: Path, target: Path, mark: str) -> None:
    source = open_source(place)
    new = target.with_name(f".{target.name}.new" if fcntl else f".{target.name}.{os.getpid()}")
    try:
        listing = read_listing(source)
        height, width = picture_size(source, listing.splits["train"][0].file)
        need = 3 * height * width * sum(map(len, listing.splits.values())) + (1 << 20)
        new.unlink(missing_ok=True)
        if (free := shutil.disk_usage(target.parent).free) < need:
            raise FileError(f"{target.parent} has {free >> 20} MB free and the decoded pictures take {need >> 20} MB; "
                            "make room or set PHOSPHENE_CACHE to another folder")  # fmt: skip
        log.info("decoding %s once into %s", place, target)
        _write(source, listing, (height, width), new, mark)
        os.replace(new, target)
    finally:
        source.close()
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)


def _write(source: Any, listing: Listing, size: tuple[int, int], new: Path, mark: str) -> None:
    import h5py

    total = np.zeros((3, *size), np.uint64)
    with h5py.File(new, "w", libver="latest") as file:
        for name, pictures in listing.splits.items():
            files = [p.file for p in pictures]
            images = file.create_dataset(f"{name}/images", (len(files), 3, *size), np.uint8, track_times=False)
            at = 0
            for block in decode_all(source, files, size):
                images[at : at + len(block)] = block
                at += len(block)
                if name == "train":
                    total += block.sum(axis=0, dtype=np.uint32)
            file[f"{name}/labels"] = np.array([p.label for p in pictures], np.int64)
            file[f"{name}/boxes"] = np.array([p.box for p in pictures], np.int32).reshape(-1, 4)
            file[f"{name}/files"] = _packed(files)
        file["mean"] = (total / len(listing.splits["train"])).astype(np.float32)
        file["classes"] = _packed([listing.class_ids, listing.class_names])
        file.attrs["mark"] = hashlib.sha256(mark.encode()).hexdigest()
    with new.open("rb") as written:
        os.fsync(written.fileno())


def _read(target: Path, mark: str) -> Store | None:
    """The cached data set, or None if it is not there, not this source's any more, or damaged."""
    import h5py

    try:
        with h5py.File(target, "r") as file:
            if file.attrs.get("mark") != hashlib.sha256(mark.encode()).hexdigest():
                return None
            splits = {}
            for name in ("train", "val", "test"):
                group = file[name]
                images = _mapped(target, group["images"])
                splits[name] = Split(images, group["labels"][()], group["boxes"][()], tuple(_unpacked(group["files"])))
            ids, names = _unpacked(file["classes"])
            return Store(tuple(ids), tuple(names), file["mean"][()], splits)
    except (OSError, KeyError, ValueError, RuntimeError):
        return None


def _mapped(target: Path, data: Any) -> Array:
    """An HDF5 array that lies in one piece, as memory that the system reads when it is touched."""
    if data.size == 0:
        return np.zeros(data.shape, np.uint8)
    offset = data.id.get_offset()
    if offset is None or target.stat().st_size < offset + data.size:
        raise ValueError("not in one piece, or cut off")
    return np.asarray(np.memmap(target, np.uint8, "r", offset, data.shape))


def _packed(value: Any) -> Array:
    return np.frombuffer(json.dumps(value).encode(), np.uint8)


def _unpacked(data: Any) -> Any:
    return json.loads(data[()].tobytes())


@contextlib.contextmanager
def _writing(target: Path) -> Iterator[None]:
    """Trouble with the cache folder as one line; trouble with the source passes as it is."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error).split(",")[0]
        raise FileError(f"cannot write the decoded pictures to {target.parent}: {reason}; "
                        "set PHOSPHENE_CACHE to a folder that can be written") from None  # fmt: skip


@contextlib.contextmanager
def _locked(target: Path) -> Iterator[None]:
    """One process decodes, the others wait for it."""
    with target.with_name(f".{target.name}.lock").open("w") as file:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield  # closing the file lets go of the lock
