"""A miniature of TinyImageNet: two classes of twelve training pictures (one grey), four to validate, two to test."""

import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

CLASSES = {"n02124075": "Egyptian cat", "n07749582": "lemon"}


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("PHOSPHENE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def folder(tmp_path):
    """The unpacked miniature. Pictures are PNG data, so that a test knows every pixel."""
    return make(tmp_path / "tiny-imagenet-mini")


@pytest.fixture
def archive(folder):
    return packed(folder)


@pytest.fixture
def pack():
    return packed


def make(root: Path) -> Path:
    rng = np.random.default_rng(0)
    for wnid in CLASSES:
        pictures = root / "train" / wnid / "images"
        pictures.mkdir(parents=True)
        for i in range(12):
            save(pictures / f"{wnid}_{i}.JPEG", rng, grey=i == 3)
        boxes = "".join(f"{wnid}_{i}.JPEG\t{i}\t2\t50\t63\n" for i in range(12))
        (root / "train" / wnid / f"{wnid}_boxes.txt").write_text(boxes)
    for split, count in (("val", 4), ("test", 2)):
        (root / split / "images").mkdir(parents=True)
        for i in range(count):
            save(root / split / "images" / f"{split}_{i}.JPEG", rng)
    lines = [f"val_{i}.JPEG\t{list(CLASSES)[i % 2]}\t1\t2\t3\t{40 + i}\n" for i in (2, 0, 3, 1)]
    (root / "val" / "val_annotations.txt").write_text("".join(lines))
    (root / "wnids.txt").write_text("\n".join(CLASSES))
    (root / "words.txt").write_text("n00001740\tentity\n" + "".join(f"{k}\t{v}\n" for k, v in CLASSES.items()))
    return root


def save(path: Path, rng: np.random.Generator, grey: bool = False) -> None:
    pixels = rng.integers(0, 256, (64, 64) if grey else (64, 64, 3), np.uint8)
    with path.open("wb") as file:
        Image.fromarray(pixels).save(file, format="PNG")


def packed(folder: Path) -> Path:
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for member in sorted(folder.rglob("*")):
            file.write(member, member.relative_to(folder.parent))
    return path
