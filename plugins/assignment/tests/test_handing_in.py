"""Laying out, opening and packing submissions."""

import json
import os
import shutil
import stat
import zipfile
from pathlib import Path

import pytest

from phosphene_assignment.handing_in import pack
from phosphene_assignment.starting import lay_out
from phosphene_assignment.submission import BYTES, FILES, Submission, submissions
from phosphene_core import FileError, PhospheneError

SOLVED = Path(__file__).parent / "solved"


@pytest.fixture
def solved(tmp_path):
    shutil.copytree(SOLVED, tmp_path / "work", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "work"


def names(path):
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


def code_of(path):
    with Submission("x", path).opened() as code:
        return {p.relative_to(code).as_posix(): p.read_text() for p in code.rglob("*") if p.is_file()}


def test_what_was_started_can_be_handed_in_and_says_what_is_missing(tmp_path):
    lay_out(tmp_path / "mine")
    packed = pack(tmp_path / "mine")
    assert set(packed.included) >= {"README.md", "assignment3/rnn_layers.py", "notebooks/1_rnn_captioning.ipynb"}
    assert "assignment3/rnn_layers.py: rnn_step_forward is not written yet" in packed.missing
    assert len(packed.missing) == 20


def test_starting_twice_overwrites_nothing(tmp_path):
    lay_out(tmp_path)
    (tmp_path / "assignment3" / "extra.py").write_text("mine")
    with pytest.raises(FileError, match="is there already; nothing was written"):
        lay_out(tmp_path)
    assert (tmp_path / "assignment3" / "extra.py").read_text() == "mine"
    with pytest.raises(FileError, match="is a file, not a folder"):
        lay_out(tmp_path / "README.md")


def test_notebooks_are_made_from_their_text_and_are_the_same_each_time(tmp_path):
    lay_out(tmp_path / "a")
    lay_out(tmp_path / "b")
    made = sorted((tmp_path / "a" / "notebooks").iterdir())
    assert [p.name for p in made] == [f"{n}.ipynb" for n in ("1_rnn_captioning", "2_lstm_captioning", "3_image_gradients",
                                                               "4_image_generation", "5_something_extra")]  # fmt: skip
    for path in made:
        assert path.read_bytes() == (tmp_path / "b" / "notebooks" / path.name).read_bytes()
        notebook = json.loads(path.read_text())
        assert notebook["cells"][0]["cell_type"] == "markdown" and notebook["nbformat"] == 4


def test_packing_lists_what_went_in_and_leaves_out_what_should_not(solved):
    (solved / "data").mkdir()
    (solved / "data" / "big.h5").write_bytes(bytes(1000))
    (solved / "weights.npz").write_bytes(b"x")
    (solved / "assignment3" / "__pycache__").mkdir()
    (solved / "assignment3" / "__pycache__" / "a.pyc").write_bytes(b"x")
    (solved / "assignment3" / "fast.so").write_bytes(b"x")
    (solved / ".git").mkdir()
    (solved / "secret.py").symlink_to("/etc/passwd")
    (solved / "assignment3" / "outside").symlink_to("/etc")
    (solved / "notes.md").write_text("notes")
    os.mkfifo(solved / "pipe")
    packed = pack(solved)
    assert packed.missing == ()
    assert names(packed.file) == list(packed.included)
    assert set(packed.included) == {"notes.md", *(f"assignment3/{p.name}" for p in (SOLVED / "assignment3").glob("*.py"))}
    assert dict(packed.left_out) == {
        ".git": "not yours to hand in", "assignment3/__pycache__": "not yours to hand in", "assignment3/fast.so": "compiled",
        "assignment3/outside": "a link", "data": "data or results", "pipe": "not a plain file", "secret.py": "a link",
        "weights.npz": "data",
    }  # fmt: skip


def test_the_same_files_give_the_same_bytes(solved):
    first = pack(solved).file.read_bytes()
    os.utime(solved / "assignment3" / "extra.py", (1e9, 1e9))
    (solved / "assignment3" / "extra.py").chmod(0o755)
    assert pack(solved).file.read_bytes() == first, "neither times nor rights, nor the file that was packed before"


def test_what_is_missing_is_told(solved):
    (solved / "assignment3" / "lstm_layers.py").unlink()
    (solved / "assignment3" / "captioning.py").write_text("def caption_loss(:\n")
    (solved / "assignment3" / "extra.py").write_text("def extra(model, images, rng):\n    raise NotImplementedError()\n")
    assert pack(solved).missing == (
        "assignment3/lstm_layers.py: the file is not there",
        "assignment3/captioning.py: cannot be read as Python (invalid syntax, line 1)",
        "assignment3/extra.py: extra is not written yet",
        "assignment3/extra.py: about is not there",
    )


def test_a_folder_without_an_assignment_cannot_be_packed(tmp_path):
    with pytest.raises(FileError, match="holds no folder assignment3"):
        pack(tmp_path)


def test_a_submission_is_the_same_as_a_folder_as_a_zip_and_deeper_in_a_zip(solved, tmp_path):
    packed = pack(solved).file
    shutil.make_archive(str(tmp_path / "deeper"), "zip", tmp_path, "work")
    assert code_of(solved) == code_of(packed) == code_of(tmp_path / "deeper.zip")
    assert set(code_of(solved)) == {f"assignment3/{p.name}" for p in (SOLVED / "assignment3").glob("*.py")}


def test_a_folder_of_submissions(solved, tmp_path):
    shutil.copy(pack(solved).file, tmp_path / "zoe.zip")
    (tmp_path / "notes.txt").write_text("not a submission")
    assert [s.name for s in submissions([tmp_path])] == ["work", "zoe"]
    assert [s.name for s in submissions([solved])] == ["work"]
    assert [s.name for s in submissions([solved, solved])] == [str(solved), str(solved)]
    (tmp_path / "empty").mkdir()
    with pytest.raises(PhospheneError, match="is no submission"):
        submissions([tmp_path / "empty"])
    with pytest.raises(FileError, match="does not exist"):
        submissions([tmp_path / "nowhere"])


def zipped(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            info = name if isinstance(name, zipfile.ZipInfo) else zipfile.ZipInfo(name)
            archive.writestr(info, data)
    return path


def test_a_zip_with_ways_out_of_its_folder_stays_in_it(tmp_path):
    link = zipfile.ZipInfo("assignment3/link.py")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = zipped(tmp_path / "x.zip", {"assignment3/a.py": "a", "assignment3/../../b.py": "b", "/assignment3/c.py": "c",
                                       "C:/assignment3/d.py": "d", link: "/etc/passwd", "__MACOSX/assignment3/._a.py": "m",
                                       "..\\assignment3\\e.py": "e"})  # fmt: skip
    assert code_of(path) == {"assignment3/a.py": "a"}
    assert sorted(p.name for p in tmp_path.iterdir()) == ["x.zip"]


def test_links_out_of_a_folder_are_not_followed(solved):
    (solved / "assignment3" / "secret.py").symlink_to("/etc/passwd")
    (solved / "assignment3" / "more").symlink_to("/etc")
    assert not {"assignment3/secret.py"} & set(code_of(solved))


@pytest.mark.parametrize(("members", "said"), [
    ({"readme.txt": "x"}, "there is no folder assignment3 with Python files"),
    ({"a/assignment3/a.py": "x", "b/assignment3/a.py": "x"}, "there are 2 folders called assignment3"),
    ({"assignment3/a.py": b"0" * (BYTES + 1)}, "holds more than 300 files or 20 MB"),
    ({f"assignment3/{i}.py": "" for i in range(FILES + 1)}, "holds more than 300 files or 20 MB"),
])  # fmt: skip
def test_a_zip_that_cannot_be_graded_says_why(members, said, tmp_path):
    with pytest.raises(FileError, match=said):
        code_of(zipped(tmp_path / "x.zip", members))


def test_a_damaged_zip_says_so(solved, tmp_path):
    whole = pack(solved).file.read_bytes()
    for i, data in enumerate((b"", b"no zip", whole[: len(whole) // 2], whole[:40] + b"\xff" * 200 + whole[240:])):
        path = tmp_path / f"{i}.zip"
        path.write_bytes(data)
        with pytest.raises(FileError, match=r"\.zip is no zip file that can be read"):
            code_of(path)
