"""Folders and zip files, read the same way."""

import zipfile

import numpy as np
import pytest

from phosphene_coco.captioned import read
from phosphene_coco.dataset import CocoCaptions
from phosphene_coco.place import Place
from phosphene_core import FileError


def test_a_place_that_is_nothing(tmp_path):
    with pytest.raises(FileError, match="does not exist"):
        Place(tmp_path / "nowhere")
    (tmp_path / "x.zip").write_text("no zip")
    with pytest.raises(FileError, match="neither a folder nor a zip"):
        Place(tmp_path / "x.zip")
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("a.jpg", bytes(1000))
    (tmp_path / "x.zip").write_bytes((tmp_path / "x.zip").read_bytes()[:900])
    with pytest.raises(FileError, match=r"x\.zip is a zip file that is cut off or damaged: get it again"):
        Place(tmp_path / "x.zip")


def test_a_zip_with_a_member_without_a_name(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("a.txt", "x")
        archive.filelist[0].filename = ""
    with pytest.raises(FileError, match="neither"):
        read(Place(tmp_path / "x.zip"))


def test_links_to_folders_are_followed_once(tmp_path, flickr):
    linked = tmp_path / "linked"
    linked.mkdir()
    (linked / "Images").symlink_to(flickr / "Images")
    (linked / "Images" / "round").symlink_to(linked)
    (linked / "captions.txt").write_text((flickr / "captions.txt").read_text())
    assert CocoCaptions(str(linked), side=16).batch("train", np.arange(3))["images"].shape == (3, 3, 16, 16)


def test_a_file_that_is_too_large_or_gone_is_named(tmp_path, monkeypatch):
    (tmp_path / "a.jpg").write_bytes(bytes(100))
    place = Place(tmp_path)
    assert place.read("a.jpg") == bytes(100)
    monkeypatch.setattr("phosphene_coco.place.MAX_FILE", 99)
    with pytest.raises(FileError, match=r"a\.jpg is larger than"):
        place.read("a.jpg")
    (tmp_path / "a.jpg").unlink()
    with pytest.raises(FileError, match=r"a\.jpg cannot be read: .*No such file"):
        place.read("a.jpg")


def test_a_members_damage_is_told(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("a.jpg", bytes(1000))
        archive.writestr("b.jpg", bytes(1000))
    data = bytearray((tmp_path / "x.zip").read_bytes())
    data[100] = 1
    data[1200:1204] = b"what"
    (tmp_path / "x.zip").write_bytes(data)
    for name in ("a.jpg", "b.jpg"):
        with pytest.raises(FileError, match=rf"x\.zip: {name} cannot be read: Bad CRC-32"):
            Place(tmp_path / "x.zip").read(name)
