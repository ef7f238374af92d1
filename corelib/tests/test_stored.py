"""A zip's members, read past zipfile where they are stored as they are."""

import os
import zipfile

import pytest

from phosphene_core.stored import read_member


@pytest.mark.parametrize("how", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED], ids=["stored", "deflated"])
def test_members_are_what_zipfile_reads(tmp_path, how):
    members = {"a/b.jpg": bytes(range(256)) * 50, "empty": b"", "Zürich 犬.txt": b"x" * 7, "n" * 200: b"long", "m" * 300: b"longer"}
    with open(tmp_path / "x.zip", "wb") as file:
        file.write(b"something that stands before it")
        with zipfile.ZipFile(file, "w", how) as archive:
            for name, data in members.items():
                archive.writestr(name, data)
    with zipfile.ZipFile(tmp_path / "x.zip") as archive:
        assert {i.filename: read_member(archive, i) for i in archive.infolist()} == members


@pytest.mark.parametrize(("where", "what"), [(100, "Bad CRC-32"), (0, "Bad magic number"), (26, None)], ids=["a byte", "its mark", "its name's length"])
def test_damage_is_told_as_zipfile_tells_it(tmp_path, where, what):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("a.jpg", bytes(1000))
    data = bytearray((tmp_path / "x.zip").read_bytes())
    data[where] ^= 1
    (tmp_path / "x.zip").write_bytes(data)
    with zipfile.ZipFile(tmp_path / "x.zip") as archive, pytest.raises(zipfile.BadZipFile, match=what):
        read_member(archive, archive.infolist()[0])


@pytest.mark.skipif(not hasattr(os, "pread"), reason="this system reads through zipfile alone")
def test_what_is_stored_is_read_past_zipfile(tmp_path, monkeypatch):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("a.jpg", bytes(1000))
    with zipfile.ZipFile(tmp_path / "x.zip") as archive:
        monkeypatch.setattr(zipfile.ZipFile, "read", None)
        assert read_member(archive, archive.infolist()[0]) == bytes(1000)
