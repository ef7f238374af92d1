"""The decoded data set as one HDF5 file whose pictures lie in one piece, so that they can be mapped into memory."""

import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from phosphene_core.layer import Array

if TYPE_CHECKING:  # what only decoding needs is imported when something is decoded
    from phosphene_tinyimagenet.listing import Listing
    from phosphene_tinyimagenet.source import Source


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


def write_store(path: Path, source: "Source", listing: "Listing", size: tuple[int, int], mark: str) -> None:
    """Decode all pictures, (height, width) = `size`, into a new file. `mark` tells what it was made from."""
    import h5py

    from phosphene_tinyimagenet.decoding import decode_all

    total = np.zeros((3, *size), np.uint64)
    with h5py.File(path, "w", libver="latest") as file:
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
        file.attrs["mark"] = _digest(mark)
    with path.open("rb") as written:
        os.fsync(written.fileno())


def read_store(path: Path, mark: str) -> Store | None:
    """What `write_store` wrote with this mark, or None if it is not there, has another mark, or is damaged."""
    import h5py

    try:
        with h5py.File(path, "r") as file:
            if file.attrs.get("mark") != _digest(mark):
                return None
            splits = {}
            for name in ("train", "val", "test"):
                group = file[name]
                images = _mapped(path, group["images"])
                splits[name] = Split(images, group["labels"][()], group["boxes"][()], tuple(_unpacked(group["files"])))
            ids, names = _unpacked(file["classes"])
            return Store(tuple(ids), tuple(names), file["mean"][()], splits)
    except (OSError, KeyError, ValueError, RuntimeError):
        return None


def _mapped(path: Path, data: Any) -> Array:
    """An HDF5 array as memory that the system reads from the disk when it is touched."""
    if data.size == 0:
        return np.zeros(data.shape, np.uint8)
    offset = data.id.get_offset()
    if offset is None:
        raise ValueError("not in one piece")
    return np.asarray(np.memmap(path, np.uint8, "r", offset, data.shape))


def _digest(mark: str) -> str:
    return hashlib.sha256(mark.encode()).hexdigest()


def _packed(value: Any) -> Array:
    return np.frombuffer(json.dumps(value).encode(), np.uint8)


def _unpacked(data: Any) -> Any:
    return json.loads(data[()].tobytes())
