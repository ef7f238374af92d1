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
