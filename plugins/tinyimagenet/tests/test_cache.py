"""The decoded file: made once, made anew when the source changes, never half there."""

import os
import resource
import shutil
import subprocess
import sys

import numpy as np
import pytest

from phosphene_core import FileError
from phosphene_tinyimagenet import TinyImageNet
from phosphene_tinyimagenet import cache as caching
from phosphene_tinyimagenet import store as storing


def files(folder):
    return sorted(p.name for p in (folder / "tinyimagenet").glob("*") if p.is_file() and p.suffix != ".lock")


def test_pictures_are_decoded_once(folder, archive, monkeypatch, cache):
    for path in (folder, archive):
        TinyImageNet(path=str(path)).size("train")
    assert len(files(cache)) == 2
    monkeypatch.setattr(caching, "write_store", None)
    for path in (folder, archive):
        assert TinyImageNet(path=str(path)).size("train") == 24


def test_a_changed_source_takes_the_place_of_the_old(folder, archive, cache):
    for path in (folder, archive):
        assert TinyImageNet(path=str(path)).size("val") == 4
    (folder / "val" / "images" / "val_3.JPEG").unlink()
    lines = (folder / "val" / "val_annotations.txt").read_text().splitlines()
    (folder / "val" / "val_annotations.txt").write_text("\n".join(v for v in lines if "val_3" not in v))
    shutil.make_archive(str(archive.with_suffix("")), "zip", folder)
    for path in (folder, archive):
        assert TinyImageNet(path=str(path)).size("val") == 3
    assert len(files(cache)) == 2


def test_a_damaged_cache_is_made_again(folder, cache):
    whole = TinyImageNet(path=str(folder)).pixels("train", np.arange(24)).copy()
    (target,) = (cache / "tinyimagenet" / name for name in files(cache))
    data = target.read_bytes()
    for damaged in (data[: len(data) // 2], b"", b"not HDF5 at all"):
        target.write_bytes(damaged)
        assert np.array_equal(TinyImageNet(path=str(folder)).pixels("train", np.arange(24)), whole)


def test_where_it_lies(monkeypatch, tmp_path):
    assert caching.cache_folder() == (tmp_path / "cache").resolve()
    monkeypatch.delenv("PHOSPHENE_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert caching.cache_folder() == tmp_path / "xdg" / "phosphene"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert caching.cache_folder() == tmp_path / "home" / ".cache" / "phosphene"


def test_a_cache_that_cannot_be_written_is_one_line(folder, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("PHOSPHENE_CACHE", str(tmp_path / "file" / "below"))
    with pytest.raises(FileError, match=r"cannot write .*below.*: Not a directory; set PHOSPHENE_CACHE") as caught:
        TinyImageNet(path=str(folder)).size("train")
    assert "\n" not in str(caught.value)


def test_too_little_room_is_told_before_decoding(folder, monkeypatch, cache):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10, 10, 5))
    with pytest.raises(FileError, match=r"0 MB free.*PHOSPHENE_CACHE"):
        TinyImageNet(path=str(folder)).size("train")
    assert files(cache) == []


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="no limit to a file's size here")
def test_a_disk_that_fills_up_on_the_way_leaves_nothing(folder, cache):
    code = (
        "import resource, sys; from phosphene_core import FileError; from phosphene_tinyimagenet import TinyImageNet\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))\n"
        "try: TinyImageNet(path=sys.argv[1]).size('train')\n"
        "except FileError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=True)
    assert "cannot write the decoded pictures to" in done.stdout
    assert done.stdout.count("\n") == 1
    assert files(cache) == []


def test_a_write_that_fails_leaves_nothing(folder, cache, monkeypatch):
    def interrupted(value):
        raise KeyboardInterrupt

    monkeypatch.setattr(storing, "_packed", interrupted)
    with pytest.raises(KeyboardInterrupt):
        TinyImageNet(path=str(folder)).size("train")
    assert files(cache) == []
    monkeypatch.undo()
    os.environ["PHOSPHENE_CACHE"] = str(cache)
    assert TinyImageNet(path=str(folder)).size("train") == 24


def test_two_processes_at_once_decode_once(folder, cache):
    code = (
        "import logging, sys; from phosphene_tinyimagenet import TinyImageNet\n"
        "logging.basicConfig(level='INFO', stream=sys.stdout, format='%(message)s')\n"
        "print(TinyImageNet(path=sys.argv[1]).batch('train', range(24))['labels'].sum(), flush=True)"
    )
    command = [sys.executable, "-c", code, str(folder)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    told = [line for process in both for line in process.communicate(timeout=60)[0].splitlines()]
    assert told.count("12") == 2
    assert sum(line.startswith("decoding") for line in told) == 1
    assert len(files(cache)) == 1
