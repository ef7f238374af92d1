"""JPEG through simplejpeg: the same pixels as through Pillow, and Pillow for all that is not plain."""

import io

import numpy as np
import pytest
from PIL import Image

from phosphene_core import image, jpeg
from phosphene_core.errors import FileError

pytest.importorskip("simplejpeg")


def picture(width, height, mode="RGB"):
    rng = np.random.default_rng(0)
    coarse = Image.fromarray(rng.integers(0, 256, (5, 7, 3), np.uint8)).resize((width, height), Image.Resampling.BICUBIC)
    return Image.fromarray((np.asarray(coarse) + rng.integers(0, 9, (height, width, 1))).clip(0, 255).astype(np.uint8)).convert(mode)


def saved(width, height, mode="RGB", **settings):
    data = io.BytesIO()
    picture(width, height, mode).save(data, format="JPEG", **settings)
    return data.getvalue()


def both(monkeypatch, data, **how):
    """What `decode` gives with simplejpeg and without it, and whether simplejpeg was used."""
    asked = []
    plainly = jpeg.decode_plainly
    monkeypatch.setattr(image, "decode_plainly", lambda *a: asked.append(plainly(*a)) or asked[-1])
    found = image.decode(data, **how)
    monkeypatch.setattr(image, "decode_plainly", lambda *a: None)
    return found, image.decode(data, **how), asked[-1] is not None


ROTATED = Image.Exif()
ROTATED[0x0112] = 6


@pytest.mark.parametrize("how", [{}, {"enough_for": (64, 64)}, {"enough_for": (48, 64)}, {"max_side": 1024}, {"max_side": 100}], ids=str)
@pytest.mark.parametrize("size", [(64, 64), (201, 150), (257, 259), (640, 481), (1203, 1100), (1, 1), (3, 500)], ids=str)
def test_the_pixels_are_pillows(monkeypatch, size, how):
    ours, theirs, plainly = both(monkeypatch, saved(*size), **how)
    np.testing.assert_array_equal(ours, theirs)
    assert plainly == ("max_side" not in how or max(size) <= how["max_side"])


@pytest.mark.parametrize(
    "settings",
    [{"mode": "L"}, {"progressive": True}, {"quality": 10}, {"subsampling": 0}, {"subsampling": 1}, {"restart_marker_rows": 1}],
    ids=str,
)
def test_every_plain_kind(monkeypatch, settings):
    ours, theirs, plainly = both(monkeypatch, saved(130, 90, **settings), enough_for=(64, 64))
    np.testing.assert_array_equal(ours, theirs)
    assert plainly


@pytest.mark.parametrize("settings", [{"mode": "CMYK"}, {"exif": ROTATED}], ids=["CMYK", "turned"])
def test_the_others_are_left_to_pillow(monkeypatch, settings):
    ours, theirs, plainly = both(monkeypatch, saved(130, 90, **settings))
    np.testing.assert_array_equal(ours, theirs)
    assert not plainly


def test_what_only_xmp_turns_is_turned():
    """Some cameras and programs say it there alone; a comment says nothing."""
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>'
    assert image.decode(saved(130, 90, xmp=xmp)).shape == (130, 90, 3)
    assert image.decode(saved(130, 90, comment=xmp)).shape == (90, 130, 3)


@pytest.mark.parametrize("part", [b"", b"\xff\xfe\x00\x08Exif\x00\x00", b"\xff\xff", b"\xff\xe1\xff\xff"], ids=["none", "a comment", "filling", "a part without end"])
def test_odd_heads_are_as_pillow_has_them(monkeypatch, part):
    plain = saved(130, 90)
    data = plain[:2] + part + plain[2:]
    try:
        ours, theirs, _ = both(monkeypatch, data)
    except FileError:
        monkeypatch.setattr(image, "decode_plainly", lambda *a: None)
        with pytest.raises(FileError):
            image.decode(data)
    else:
        np.testing.assert_array_equal(ours, theirs)


def test_damaged_ones_are_what_they_are_without_it(monkeypatch):
    data = saved(130, 90)
    with pytest.raises(FileError, match="damaged picture: image file is truncated"):
        image.decode(data[:-300])
    spoilt = data[:700] + bytes(40) + data[740:]
    ours, theirs, plainly = both(monkeypatch, spoilt)
    np.testing.assert_array_equal(ours, theirs)
    assert not plainly


def test_the_limit_of_pixels_holds(monkeypatch):
    monkeypatch.setattr(image, "MAX_PIXELS", 5000)
    with pytest.raises(FileError, match="has 130×90 pixels; the limit is 5,000"):
        image.decode(saved(130, 90))


def test_a_file_is_what_its_bytes_are(tmp_path):
    (tmp_path / "a.JPG").write_bytes(saved(130, 90))
    np.testing.assert_array_equal(image.decode(tmp_path / "a.JPG"), image.decode(saved(130, 90)))
    (tmp_path / "b.jpg").write_text("no picture")
    with pytest.raises(FileError, match=r"b\.jpg is not a picture"):
        image.decode(tmp_path / "b.jpg")
