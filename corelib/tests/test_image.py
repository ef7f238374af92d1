"""Pictures of every kind come in upright and in RGB, or are refused in one line."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from phosphene_core import image
from phosphene_core.errors import FileError

RGB = np.zeros((4, 6, 3), np.uint8)
RGB[:2, :, 0] = 255
RGB[:, 3:, 2] = 200


def saved(picture, **options):
    data = io.BytesIO()
    picture.save(data, **options)
    return data.getvalue()


KINDS = {
    "RGB": Image.fromarray(RGB),
    "grey": Image.fromarray(RGB).convert("L"),
    "palette": Image.fromarray(RGB).convert("P"),
    "RGBA": Image.fromarray(RGB).convert("RGBA"),
    "grey with alpha": Image.fromarray(RGB).convert("LA"),
    "black and white": Image.fromarray(RGB).convert("1"),
    "16 bit": Image.fromarray((RGB[..., 0].astype(np.uint16)) * 257),
    "1x1": Image.new("RGB", (1, 1), "red"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_png_becomes_rgb(kind):
    picture = image.decode(saved(KINDS[kind], format="PNG"))
    assert picture.shape == (KINDS[kind].height, KINDS[kind].width, 3)
    assert picture.dtype == np.uint8
    if kind in ("RGB", "RGBA"):
        assert np.array_equal(picture, RGB)
    if kind in ("grey", "16 bit"):
        assert np.array_equal(picture[..., 0], picture[..., 1])
    if kind == "16 bit":
        assert picture.max() == 255


def test_cmyk_is_converted():
    picture = image.decode(saved(Image.new("CMYK", (5, 4), (0, 255, 255, 0)), format="JPEG"))
    assert picture[0, 0, 0] > 200
    assert picture[0, 0, 1] < 60


def test_transparency_is_laid_on_white():
    assert image.decode(saved(Image.new("RGBA", (2, 2), (0, 0, 0, 0)), format="PNG")).min() == 255


def test_exif_rotation_is_undone():
    exif = Image.Exif()
    exif[0x0112] = 6
    data = saved(Image.fromarray(RGB.repeat(8, 0).repeat(8, 1)), format="JPEG", exif=exif, quality=95)
    assert image.decode(data).shape == (48, 32, 3)


def test_the_first_frame_of_an_animation_counts():
    frames = [Image.new("RGB", (3, 3), c) for c in ("red", "blue")]
    assert image.decode(saved(frames[0], format="GIF", save_all=True, append_images=frames[1:]))[0, 0, 0] == 255


def test_large_ones_are_shrunk_while_decoding():
    assert image.decode(saved(Image.new("RGB", (3000, 1000)), format="JPEG"), max_side=300).shape == (100, 300, 3)


RAMP = np.linspace(0, 1, 256)[None, :].repeat(64, axis=0)
DEEP = {
    "16 bit": ("PNG", Image.fromarray((RAMP * 65535).astype(np.uint16))),
    "16 bit TIFF": ("TIFF", Image.fromarray((RAMP * 65535).astype(np.uint16))),
    "32 bit": ("TIFF", Image.fromarray((RAMP * 65535).astype(np.int32))),
    "32 bit, all of them": ("TIFF", Image.fromarray((RAMP * (2**31 - 1)).astype(np.int32))),
    "floats up to 1": ("TIFF", Image.fromarray(RAMP.astype(np.float32))),
    "floats up to 255": ("TIFF", Image.fromarray((RAMP * 255).astype(np.float32))),
    "floats up to 65535": ("TIFF", Image.fromarray((RAMP * 65535).astype(np.float32))),
    "palette": ("PNG", Image.fromarray((RAMP * 255).astype(np.uint8)).convert("P")),
    "grey with alpha": ("PNG", Image.fromarray((RAMP * 255).astype(np.uint8)).convert("LA")),
}


@pytest.mark.parametrize("kind", DEEP)
def test_every_kind_is_shrunk_as_well_and_keeps_its_tones(kind):
    form, picture = DEEP[kind]
    whole, small = (image.decode(saved(picture, format=form), max_side=side) for side in (None, 64))
    assert (whole.shape, small.shape) == ((64, 256, 3), (16, 64, 3))
    assert np.abs(whole[0, :, 0].astype(int) - np.arange(256)).max() <= 1
    assert np.abs(small[8, :, 1].astype(int) - np.arange(64) * 4).max() <= 4


def test_floats_that_are_no_numbers_are_black():
    picture = image.decode(saved(Image.fromarray(np.full((4, 4), np.nan, np.float32)), format="TIFF"))
    assert picture.max() == 0


def test_what_a_library_complains_of_is_not_printed(capfd, tmp_path):
    content = saved(Image.fromarray(RGB.repeat(9, 0)), format="TIFF", compression="tiff_lzw")
    path = tmp_path / "x.tif"
    path.write_bytes(content[:40] + bytes(60) + content[100:])
    with pytest.raises(FileError):
        image.decode(path)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda p: None, "does not exist"),
        (lambda p: p.write_bytes(b""), "is empty"),
        (lambda p: p.write_text("just words"), "not a picture"),
        (lambda p: p.mkdir(), "is a folder"),
        (lambda p: p.write_bytes(saved(KINDS["RGB"], format="PNG")[:60]), "damaged"),
    ],
)
def test_what_is_no_picture_is_refused_by_name(tmp_path, make, message):
    path = tmp_path / "photo.jpg"
    make(path)
    with pytest.raises(FileError, match=message) as error:
        image.decode(path)
    assert "photo.jpg" in str(error.value)
    assert "\n" not in str(error.value)


def test_encode_writes_whole_files_only(tmp_path):
    image.encode(RGB, tmp_path / "new" / "a.png")
    assert np.array_equal(image.decode(tmp_path / "new" / "a.png"), RGB)
    (tmp_path / "file").write_text("")
    with pytest.raises((FileError, OSError)):
        image.encode(RGB, tmp_path / "file" / "a.png")
    assert [p.name for p in (tmp_path / "new").iterdir()] == ["a.png"]


@given(st.integers(1, 40), st.integers(1, 40), st.floats(0.2, 5))
def test_a_crop_is_centred_and_has_the_aspect(height, width, aspect):
    picture = np.zeros((height, width, 3), np.uint8)
    h, w = image.center_crop(picture, aspect).shape[:2]
    assert h == height or w == width
    assert 1 <= h <= height
    assert 1 <= w <= width


@given(st.integers(-20, 20), st.integers(-20, 20))
def test_jitter_is_undone(down, right):
    x = np.arange(2 * 3 * 7 * 5, dtype=np.float32).reshape(2, 3, 7, 5)
    assert np.array_equal(image.jitter(image.jitter(x, (down, right)), (-down, -right)), x)


@given(st.floats(0.1, 4))
def test_blur_keeps_flat_pictures_and_the_dtype(sigma):
    x = np.full((1, 3, 9, 8), 7, np.float32)
    y = image.blur(x, sigma)
    assert y.dtype == np.float32
    np.testing.assert_allclose(y, x, rtol=1e-5)


@pytest.mark.parametrize(("size", "decoded"), [((150, 200), (150, 200)), ((1030, 1100), (258, 275)), ((600, 520), (300, 260)), ((40, 2000), (20, 1024))])
def test_what_is_enough_for_a_size_is_decoded(size, decoded):
    """At a half or less where that is four times the size at least; sixteen times the size at most."""
    data = saved(Image.new("RGB", size[::-1]), format="JPEG")
    assert image.decode(data, enough_for=(64, 50)).shape == (*decoded, 3)


@pytest.mark.parametrize("kind", KINDS)
def test_of_every_kind_there_is_enough(kind):
    picture = KINDS[kind]
    data = saved(picture, format="PNG")
    np.testing.assert_array_equal(image.decode(data, enough_for=(3, 5)), image.decode(data))
