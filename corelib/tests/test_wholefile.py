"""Files and folders appear whole or not at all; texts are read up to a size."""

import errno

import pytest

from phosphene_core.errors import FileError
from phosphene_core.textfile import read_text
from phosphene_core.wholefile import sweep, whole, whole_folder


def names(folder):
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*"))


def test_a_folder_appears_whole(tmp_path):
    with whole_folder(tmp_path / "a" / "out") as new:
        (new / "x").write_text("1")
        assert not (tmp_path / "a" / "out").exists()
    assert names(tmp_path) == ["a", "a/out", "a/out/x"]


def test_files_go_into_a_folder_that_is_there(tmp_path):
    (tmp_path / "out").mkdir()
    for name in ("x", "mine"):
        (tmp_path / "out" / name).write_text("old")
    with whole_folder(tmp_path / "out") as new:
        (new / "x").write_text("new")
    assert {p.name: p.read_text() for p in (tmp_path / "out").iterdir()} == {"x": "new", "mine": "old"}
    assert names(tmp_path) == ["out", "out/mine", "out/x"]


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "no room"), RuntimeError("HDF5\nsays no"), KeyError("defect"), KeyboardInterrupt()]
)
@pytest.mark.parametrize("kind", [whole, whole_folder])
def test_what_fails_leaves_nothing(tmp_path, kind, error):
    expected = (
        FileError
        if isinstance(error, OSError) or (kind is whole_folder and isinstance(error, RuntimeError))
        else type(error)
    )
    with pytest.raises(expected), kind(tmp_path / "out"):
        raise error
    assert names(tmp_path) == []


def test_the_errors_of_a_folder_are_one_line(tmp_path):
    for error, words in (
        (OSError(errno.ENOSPC, "no room"), "No space left"),
        (RuntimeError("HDF5\nsays no"), "HDF5 says no"),
    ):
        with pytest.raises(FileError, match=words), whole_folder(tmp_path / "out"):
            raise error
    (tmp_path / "file").touch()
    with pytest.raises(FileError, match="exists"), whole_folder(tmp_path / "file" / "out"):
        pass


def test_what_a_killed_process_left_is_swept(tmp_path):
    with pytest.raises(KeyError), whole(tmp_path / "out.h5"):
        (left,) = tmp_path.iterdir()
        kept = left.with_name(left.name.replace("out", "other"))
        kept.touch()
        raise KeyError
    (tmp_path / "mine.new").touch()
    sweep(tmp_path)
    assert names(tmp_path) == ["mine.new"]


def test_texts_are_read_up_to_a_size(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"\xef\xbb\xbf" + "ü".encode())
    assert read_text(path) == "ü"
    with pytest.raises(FileError, match="larger than"):
        read_text(path, 4)
    path.write_bytes(b"\xff")
    with pytest.raises(FileError, match="is not text in UTF-8"):
        read_text(path)
    with pytest.raises(FileError, match="is a folder"):
        read_text(tmp_path)
    with pytest.raises(FileError, match="does not exist"):
        read_text(tmp_path / "b.txt")
