"""What is wrong with a source is one line that names the file."""

import zipfile

import pytest
from PIL import Image

from phosphene_core import FileError
from phosphene_tinyimagenet import TinyImageNet

PICTURE = "train/n07749582/images/n07749582_7.JPEG"
VAL = "val/val_annotations.txt"


def bigger(path):
    Image.new("RGB", (65, 64)).save(path, format="PNG")


def copy(path):
    path.with_name("b.JPEG").write_bytes(path.read_bytes())


def append(line):
    return lambda path: path.write_text(path.read_text() + line)


WRONG = {
    "no words": ("words.txt", lambda p: p.unlink(), r"words\.txt is missing"),
    "a class without a name": ("words.txt", lambda p: p.write_text("n02124075\tcat\n"), r"words\.txt .*n07749582"),
    "words of another kind": ("words.txt", lambda p: p.write_bytes(b"\xff\xfe\x00"), r"words\.txt is not a text file"),
    "no classes": ("wnids.txt", lambda p: p.write_text("\n"), r"wnids\.txt is empty"),
    "a class twice": ("wnids.txt", append("\nn02124075"), r"wnids\.txt names .*n02124075 twice"),
    "a class without pictures": ("wnids.txt", append("\nn00001740"), r"train/n00001740/images is missing"),
    "a broken picture": (PICTURE, lambda p: p.write_bytes(p.read_bytes()[:900]), rf"{PICTURE} is a damaged picture"),
    "an empty picture": (PICTURE, lambda p: p.write_bytes(b""), rf"{PICTURE} is empty"),
    "no picture": (PICTURE, lambda p: p.write_text("<html>Not found</html>"), rf"{PICTURE} is a damaged picture"),
    "a picture of another size": (PICTURE, bigger, rf"{PICTURE} has 65×64 pixels, others 64×64"),
    "no annotations": (VAL, lambda p: p.unlink(), r"val_annotations\.txt is missing"),
    "a wrong label": (VAL, append("val_9.JPEG\tn0212407\t1\t2\t3\t4\n"), r"line 5: no class is called 'n0212407'"),
    "a line without a label": (VAL, append("val_9.JPEG\n"), r"line 5: no class is called ''"),
    "a picture that is not there": (VAL, append("val_9.JPEG\tn02124075\n"), r"line 5: the picture val_9\.JPEG is not"),
    "a picture twice": (VAL, append("val_1.JPEG\tn02124075\n"), r"line 5: the picture val_1\.JPEG has two lines"),
    "a picture without a label": ("val/images/val_1.JPEG", copy, r"no line for b\.JPEG"),
    "a box of words": ("train/n02124075/n02124075_boxes.txt", append("x.JPEG 1 2 3 four"), r"_boxes\.txt, line 13: a"),
}


@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_source_is_named(folder, pack, cache, name, packed):
    file, spoil, message = WRONG[name]
    spoil(folder / file)
    path = pack(folder) if packed else folder
    with pytest.raises(FileError, match=message) as caught:
        TinyImageNet(path=str(path)).size("train")
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert list((cache / "tinyimagenet").glob("*.h5")) == []


def test_a_missing_place_is_named(tmp_path):
    with pytest.raises(FileError, match=r"nowhere does not exist; name the folder or the zip"):
        TinyImageNet(path=str(tmp_path / "nowhere")).size("train")
    with pytest.raises(FileError, match=r"there is no wnids\.txt in it"):
        TinyImageNet(path=str(tmp_path)).size("train")


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_a_zip_that_broke_off_is_named(archive, share):
    data = archive.read_bytes()
    archive.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(FileError, match=rf"{archive.name} is not a zip file, or its download broke off"):
        TinyImageNet(path=str(archive)).size("train")


def test_a_zip_with_a_flipped_byte_names_the_picture(archive):
    with zipfile.ZipFile(archive) as file:
        member = file.getinfo(f"tiny-imagenet-mini/{PICTURE}")
        place = member.header_offset + 200
    data = bytearray(archive.read_bytes())
    data[place] ^= 255
    archive.write_bytes(data)
    with pytest.raises(FileError, match=rf"{PICTURE} cannot be read, the zip is damaged"):
        TinyImageNet(path=str(archive)).size("train")


def test_another_zip_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as file:
        file.writestr("readme.txt", "hello")
    with pytest.raises(FileError, match=r"other\.zip is not a TinyImageNet zip"):
        TinyImageNet(path=str(tmp_path / "other.zip")).size("train")
