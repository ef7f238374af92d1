"""How the program reads each kind of file. A reader gets a folder and the name of the file in it."""

from pathlib import Path
from typing import Any

import attrs
import numpy as np
from corpus import WORDS, corpus

from phosphene_core.options import build


def model(folder: Path, name: str) -> Any:
    from phosphene_cnn import CNN
    from phosphene_core.modelfile import load_model
    from phosphene_core.testing import TinyClassifier

    loaded = load_model(folder / name, {"TinyClassifier": TinyClassifier, "CNN": CNN})
    loaded.deprocess(np.zeros((1, *loaded.input_shape), np.float32))
    return loaded.predict(np.zeros((1, *loaded.input_shape), np.float32))


def course_model(folder: Path, name: str) -> Any:
    from phosphene_cnn import CNN
    from phosphene_core.modelfile import load_model

    loaded = load_model(folder / name, {"CNN": CNN})
    return loaded.predict(np.zeros((1, *loaded.input_shape), np.float32))


def checkpoint(folder: Path, name: str) -> Any:
    from run import trainer

    again = trainer(folder, epochs=1)
    again.resume()
    return list(again.steps())


def image(folder: Path, name: str) -> Any:
    from phosphene_core.image import decode

    return decode(folder / name), decode((folder / name).read_bytes(), max_side=8)


def captioned(folder: Path, name: str) -> Any:
    from phosphene_coco.captioned import read
    from phosphene_coco.place import Place

    return read(Place(folder))


def coco(folder: Path, name: str) -> Any:
    """The mutated file among good ones."""
    from phosphene_coco.dataset import CocoCaptions

    others = corpus()
    for kind in ("vocabulary", "captions h5", "features h5"):
        file, content = others[kind][0]
        if not (folder / file).exists():
            (folder / file).write_bytes(content)
            (folder / file.replace("train", "val")).write_bytes(content)
    data = CocoCaptions(str(folder))
    batch = data.batch("train", np.arange(data.size("train")))
    data.facts()
    assert len(WORDS) < 9
    return batch, np.asarray(data.pictures("train", 3)[0])


def listing(folder: Path, name: str) -> Any:
    """The mutated text among good files of TinyImageNet."""
    from corpus import tiny_imagenet_files

    from phosphene_tinyimagenet.listing import read_listing
    from phosphene_tinyimagenet.source import open_source

    damaged = (folder / name).read_bytes()
    for file, content in tiny_imagenet_files(np.random.default_rng(0)).items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(damaged if file == name else content)
    return read_listing(open_source(folder))


def captions_zip(folder: Path, name: str) -> Any:
    from phosphene_coco.dataset import CocoCaptions

    data = CocoCaptions(str(folder / name))
    return data.batch("train", np.arange(data.size("train"))), data.facts(), np.asarray(data.pictures("val", 3)[0])


def prepared(folder: Path, name: str) -> Any:
    """Captioned pictures through an encoder, into the course's layout, and back."""
    from phosphene_coco.captioned import read
    from phosphene_coco.dataset import CocoCaptions
    from phosphene_coco.place import Place
    from phosphene_coco.prepare import prepare
    from phosphene_core.testing import tiny_classifier

    place = Place(folder / name)
    prepare(place, read(place), tiny_classifier(), "conv2", folder / "out", least=1)
    return CocoCaptions(str(folder / "out")).facts()


def results(folder: Path, name: str) -> Any:
    from phosphene_bench.report import read

    return read(folder / name)


def archive(folder: Path, name: str) -> Any:
    """As a data set, straight from the zip, and unpacked."""
    from phosphene_core.errors import PhospheneError
    from phosphene_tinyimagenet.listing import read_listing
    from phosphene_tinyimagenet.source import open_source

    try:
        source = open_source(folder / name)
        listing = read_listing(source)
        from phosphene_tinyimagenet.decoding import decode_all, picture_size

        files = [p.file for split in listing.splits.values() for p in split]
        list(decode_all(source, files, picture_size(source, files[0])))
        source.close()
    except PhospheneError:
        unpacked(folder, name)
        raise
    return unpacked(folder, name)


def unpacked(folder: Path, name: str) -> Any:
    from phosphene_download.unpack import Limits, unpack

    (folder / "into").mkdir()
    return unpack(folder / name, folder / "into", Limits(bytes=1 << 28))


def toml(folder: Path, name: str) -> Any:
    from phosphene_core.testing import TinyColours, TinyMomentum
    from phosphene_core.trainer import TrainSettings
    from phosphene_registry import config

    tables = config.read(str(folder / name))
    config.text(tables)
    made = build(TrainSettings, tables["train"], where=name)
    kinds = ((TinyMomentum, tables["optimizer"]), (TinyColours, tables["data"]))
    return made, [build(k, {n: v for n, v in t.items() if n not in ("name", "path")}) for k, t in kinds if attrs.has(k)]


def record(folder: Path, name: str) -> Any:
    from phosphene_download.record import check

    return check(folder)


READERS = {
    "model": model,
    "course model": course_model,
    "checkpoint": checkpoint,
    "image": image,
    "caption json": captioned,
    "caption text": captioned,
    "vocabulary": coco,
    "captions h5": coco,
    "features h5": coco,
    "zip": archive,
    "captions zip": captions_zip,
    "listing": listing,
    "flickr zip": prepared,
    "results": results,
    "tar": unpacked,
    "toml": toml,
    "record": record,
}
