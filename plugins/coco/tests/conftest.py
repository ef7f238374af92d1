"""A few captioned pictures: as Flickr8k lays them out, zipped, and prepared."""

import io
import zipfile

import pytest
from PIL import Image

from phosphene_coco.captioned import read
from phosphene_coco.place import Place
from phosphene_coco.prepare import prepare
from phosphene_core.testing import tiny_classifier

CAPTIONS = {f"{i}.jpg": [f"a red thing, number {i}", 'a "quoted" thing'] for i in range(10)}


@pytest.fixture
def captions():
    return CAPTIONS


@pytest.fixture
def jpeg():
    """What makes the bytes of a small picture of one colour from a number."""
    return _jpeg


def _jpeg(i):
    data = io.BytesIO()
    Image.new("RGB", (20 + i, 15), (i * 20, 80, 90)).save(data, format="JPEG")
    return data.getvalue()


@pytest.fixture
def flickr(tmp_path):
    folder = tmp_path / "flickr"
    (folder / "Images").mkdir(parents=True)
    lines = ["image,caption"]
    for i, (name, captions) in enumerate(CAPTIONS.items()):
        (folder / "Images" / name).write_bytes(_jpeg(i))
        for c in captions:
            quoted = c.replace('"', '""')
            lines.append(f'{name},"{quoted}"' if '"' in c else f"{name},{c}")
    (folder / "captions.txt").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture
def zipped(flickr):
    path = flickr.parent / "flickr.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in flickr.rglob("*"):
            archive.write(file, file.relative_to(flickr.parent))
    return path


@pytest.fixture
def prepared(flickr, tmp_path):
    place = Place(flickr)
    prepare(place, read(place), tiny_classifier(), "conv2", tmp_path / "out")
    return tmp_path / "out"
