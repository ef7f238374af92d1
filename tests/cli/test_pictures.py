"""Every kind of picture works as a user expects or gets one clear line."""

import json
import os

import numpy as np
import pytest
from PIL import Image, ImageOps


def smooth(height, width):
    """A smooth picture in colour."""
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    return (255 * np.stack([x, y, 0.5 + 0.5 * np.sin(7 * x * y)], axis=2)).astype(np.uint8)


ROTATED = 6  # EXIF: turn a quarter clockwise to see it upright


def grey(path):
    Image.fromarray(smooth(40, 50)).convert("L").save(path)


def rgba(path):
    picture = Image.fromarray(smooth(40, 50)).convert("RGBA")
    picture.putalpha(Image.fromarray(smooth(40, 50)[:, :, 0]))
    picture.save(path)


def palette(path):
    Image.fromarray(smooth(40, 50)).quantize(16).save(path)


def sixteen_bit(path):
    Image.fromarray(smooth(40, 50)[:, :, 0].astype(np.uint16) * 257).save(path)


def cmyk(path):
    Image.fromarray(smooth(40, 50)).convert("CMYK").save(path)


def rotated(path):
    exif = Image.Exif()
    exif[0x0112] = ROTATED
    Image.fromarray(smooth(40, 50)).save(path, exif=exif, quality=95)


def animated(path):
    frames = [Image.fromarray(np.roll(smooth(40, 50), s, axis=1)) for s in (0, 9, 18)]
    frames[0].save(path, save_all=True, append_images=frames[1:])


def tiny(path):
    Image.fromarray(smooth(1, 1)).save(path)


def thin(path):
    Image.fromarray(smooth(1, 700)).save(path)


def huge(path):
    Image.new("L", (10_000, 10_000), 120).save(path, quality=50)


GOOD = {
    "grey.jpg": (grey, [40, 50]), "rgba.png": (rgba, [40, 50]), "palette.png": (palette, [40, 50]),
    "sixteen.png": (sixteen_bit, [40, 50]), "cmyk.jpg": (cmyk, [40, 50]), "rotated.jpg": (rotated, [50, 40]),
    "animated.gif": (animated, [40, 50]), "tiny.png": (tiny, [1, 1]), "thin.png": (thin, [1, 700]),
    "huge.jpg": (huge, None),
}  # fmt: skip


def test_pictures_of_every_kind(stubbed, tmp_path):
    for name, (make, _) in GOOD.items():
        make(tmp_path / name)
    done = stubbed("run", "stub_map", *GOOD, "-o", "o", "--json")
    assert done.returncode == 0, done.stderr
    found = {r["image"]: r for r in json.loads(done.stdout)["results"]}
    for name, (_, size) in GOOD.items():
        assert size is None or found[name]["size"] == size
        for file in found[name]["files"].values():
            assert Image.open(tmp_path / "o" / file).mode == "RGB"
    # upright and in colour: the rotated picture is the plain one turned by the reader
    upright = ImageOps.exif_transpose(Image.open(tmp_path / "rotated.jpg")).crop((0, 5, 40, 45)).resize((4, 4))
    shown = Image.open(tmp_path / "o" / "rotated-picture.png").resize((4, 4))
    assert np.abs(np.asarray(upright, int) - np.asarray(shown, int)).max() < 12
    assert abs(found["rgba.png"]["value"] - found["palette.png"]["value"]) > 0


def text(path):
    path.write_text("this is no picture")


def empty(path):
    path.write_bytes(b"")


def cut_off(path):
    Image.fromarray(smooth(200, 200)).save(path)
    path.write_bytes(path.read_bytes()[:3000])


BAD = {
    "text.jpg": (text, "is not a picture that can be read"),
    "empty.jpg": (empty, "is empty"),
    "cut.png": (cut_off, "is a damaged picture"),
    "missing.jpg": (lambda path: None, "does not exist"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_is_no_picture_gets_one_line_with_its_name(stubbed, tmp_path, name):
    make, words = BAD[name]
    make(tmp_path / name)
    done = stubbed("run", "stub_map", name)
    assert done.returncode == 2
    assert done.stderr.startswith(f"phosphene: {name} {words}")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out" / "stub_map" / "result.json").exists()


def test_bad_pictures_among_good_ones_cost_only_themselves(stubbed, photograph, tmp_path):
    for name, (make, _) in BAD.items():
        make(tmp_path / name)
    done = stubbed("run", "stub_map", *BAD, photograph, "-o", "o")
    assert done.returncode == 2
    assert [line.split()[1] for line in done.stderr.splitlines()] == [*BAD, "4"]
    assert "4 of 5 pictures were left out" in done.stderr
    assert [r["image"] for r in json.loads((tmp_path / "o" / "result.json").read_text())["results"]] == [
        str(photograph)
    ]


def test_a_name_that_is_no_text_is_no_hindrance(stubbed, tmp_path):
    name = os.fsdecode(b"caf\xe9.png")
    try:
        Image.fromarray(smooth(40, 50)).save(tmp_path / name)
    except OSError:
        pytest.skip("this file system takes no such names")
    done = stubbed("run", "stub_map", name)
    assert done.returncode == 0, done.stderr
    (one,) = json.loads((tmp_path / "out" / "stub_map" / "result.json").read_text())["results"]
    assert one["image"] == name
    assert (tmp_path / "out" / "stub_map" / one["files"]["map"]).exists()
