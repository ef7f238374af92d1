"""Fifty archives that mean harm: nothing outside the folder is touched, and none is unpacked half."""

import io
import stat
import struct
import tarfile
import zipfile

import pytest

from phosphene_core.errors import FileError
from phosphene_download.unpack import Limits, unpack

SMALL = Limits(files=50, bytes=1 << 20, ratio=100, spare=1 << 18)
BAD_NAMES = {
    "up": "../evil",
    "up twice": "a/../../evil",
    "up at the end": "a/..",
    "deep up": "a/b/c/../../../../evil",
    "dots": "..",
    "absolute": "/tmp/phosphene-evil",
    "two slashes": "//tmp/phosphene-evil",
    "drive": "C:/evil",
    "drive relative": "C:evil",
    "backslash up": "..\\evil",
    "backslash": "a\\..\\..\\evil",
    "share": "\\\\host\\evil",
    "newline": "a\nb",
    "escape": "a\x1b[2J",
    "bell": "\x07",
    "delete": "a\x7f",
    "long part": "x" * 250,
    "long": "/".join(["y" * 100] * 20),
    "deep": "a/" * 60 + "b",
    "our sums": ".sha256sums",
    "our origin": ".source.json",
}
ZIP_LINKS = {"link": stat.S_IFLNK, "fifo": stat.S_IFIFO, "device": stat.S_IFBLK, "socket": stat.S_IFSOCK}


def zipped(*members, compression=zipfile.ZIP_STORED):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", compression) as pack:
        for member, content in members:
            pack.writestr(member, content)
    return packed.getvalue()


def tarred(*members, mode="w"):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=mode) as pack:
        for member, content in members:
            info = tarfile.TarInfo(member) if isinstance(member, str) else member
            if content is not None:
                info.size = len(content)
            pack.addfile(info, io.BytesIO(content) if content is not None else None)
    return packed.getvalue()


def special(name, kind):
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, (kind | 0o777) << 16
    return info


def entry(name, kind, link=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


def patched(data, old, new, count=-1):
    assert old in data
    return data.replace(old, new, count)


def claimed(data, size):
    """The zip with another uncompressed size claimed in both headers of its only member."""
    at = data.index(b"PK\x01\x02")
    data = data[: at + 24] + struct.pack("<I", size) + data[at + 28 :]
    return data[:22] + struct.pack("<I", size) + data[26:]


def changed(data, central, local, value):
    """The zip with another 16-bit value at an offset of its only member's central header, and of its local one."""
    at = data.index(b"PK\x01\x02") + central
    data = data[:at] + struct.pack("<H", value) + data[at + 2 :]
    return data[:local] + struct.pack("<H", value) + data[local + 2 :]


def hostile():
    """name -> the bytes of an archive."""
    good = ("good.txt", b"good")
    found = {}
    for name, bad in BAD_NAMES.items():
        found[f"zip, {name}"] = zipped(good, (bad, b"evil"))
        if name not in ("long",):
            found[f"tar, {name}"] = tarred(good, (bad, b"evil"))
    found["zip, NUL"] = patched(zipped(("good.txt_../evil", b"evil")), b"good.txt_", b"good.txt\x00")
    for name, kind in (
        ("link", stat.S_IFLNK),
        ("fifo", stat.S_IFIFO),
        ("device", stat.S_IFBLK),
        ("socket", stat.S_IFSOCK),
    ):
        found[f"zip, {name}"] = zipped(good, (special("a", kind), b"/etc"), ("a/evil", b"evil"))
    for name, kind in (("link", tarfile.SYMTYPE), ("hard link", tarfile.LNKTYPE), ("fifo", tarfile.FIFOTYPE),
                       ("block device", tarfile.BLKTYPE), ("device", tarfile.CHRTYPE)):  # fmt: skip
        found[f"tar, {name}"] = tarred(good, (entry("a", kind, "../outside"), None), ("a/evil", b"evil"))
    found["zip, twice"] = zipped(good, ("good.txt", b"other"))
    found["zip, file then folder"] = zipped(("a", b"file"), ("a/b", b"below"))
    found["tar, folder then file"] = tarred(("a/b", b"below"), ("a", b"file"))
    found["zip, bomb"] = zipped(("zeros", bytes(50 << 20)), compression=zipfile.ZIP_DEFLATED)
    found["zip, many bombs"] = zipped(*((f"{i}", bytes(1 << 19)) for i in range(40)), compression=zipfile.ZIP_DEFLATED)
    found["tar.gz, bomb"] = tarred(("zeros", bytes(50 << 20)), mode="w:gz")
    found["zip, bomb that claims little"] = claimed(found["zip, bomb"], 10)
    found["zip, small that claims a lot"] = claimed(zipped(good), 1 << 30)
    found["zip, small that claims less"] = claimed(zipped(good), 2)
    found["zip, too many files"] = zipped(*((f"f{i}", b"") for i in range(60)))
    found["tar, too many files"] = tarred(*((f"f{i}", b"") for i in range(60)))
    found["zip, encrypted"] = changed(zipped(good), 8, 6, 1)
    found["zip, unknown compression"] = changed(zipped(good), 10, 8, 99)
    found["zip, wrong checksum"] = patched(zipped(good), b"good.txtgood", b"good.txtbood")
    found["zip, cut off"] = zipped(good, ("big", bytes(1000)))[:-100]
    found["tar.gz, cut off"] = tarred(good, ("big", b"x" * 5000), mode="w:gz")[:-20]
    found["zip, overlapping"] = zipped(("a", b"1" * 1000), ("b", b"2" * 1000))
    at = found["zip, overlapping"].rindex(b"PK\x01\x02") + 42
    found["zip, overlapping"] = found["zip, overlapping"][:at] + bytes(4) + found["zip, overlapping"][at + 4 :]
    found["no archive"] = b"hello"
    found["empty zip"] = zipped()
    found["nothing"] = b""
    return found


ARCHIVES = hostile()


def test_there_are_fifty_of_them():
    assert len(ARCHIVES) >= 50


@pytest.mark.parametrize("name", ARCHIVES)
def test_a_hostile_archive_is_refused_and_touches_nothing_outside(name, tmp_path):
    around = tmp_path / "around"
    folder = around / "deep" / "er" / "into"
    folder.mkdir(parents=True)
    (around / "outside").mkdir()
    archive = tmp_path / "archive"
    archive.write_bytes(ARCHIVES[name])
    with pytest.raises(FileError) as error:
        unpack(archive, folder, SMALL)
    assert "\n" not in str(error.value)
    assert "\x1b" not in str(error.value)
    assert sorted(p.relative_to(around).as_posix() for p in around.rglob("*") if folder not in p.parents) == [
        "deep", "deep/er", "deep/er/into", "outside",
    ]  # fmt: skip
    assert not (tmp_path / "evil").exists()
    assert all(p.is_dir() or (p.is_file() and not p.is_symlink()) for p in folder.rglob("*"))
    assert sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()) <= SMALL.bytes


@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz"])
def test_a_good_archive_is_unpacked_without_what_a_mac_left(kind, tmp_path):
    files = [("a/b.txt", b"one"), ("a/ü.txt", b"two"), ("__MACOSX/a/._b.txt", b"litter"), ("a/.DS_Store", b"litter")]
    data = zipped(*files) if kind == "zip" else tarred(*files, mode="w:gz" if kind == "tar.gz" else "w")
    (tmp_path / "archive").write_bytes(data)
    (tmp_path / "into").mkdir()
    sums = unpack(tmp_path / "archive", tmp_path / "into")
    assert sorted(sums) == ["a/b.txt", "a/ü.txt"]
    assert (tmp_path / "into/a/b.txt").read_bytes() == b"one"
    assert sorted(p.name for p in (tmp_path / "into").rglob("*")) == ["a", "b.txt", "ü.txt"]
