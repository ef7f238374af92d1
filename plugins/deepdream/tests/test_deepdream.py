"""DeepDream: more of what the layer sees, at any size, in tiles without seams."""

import attrs
import numpy as np
import pytest

from phosphene_core.errors import FileError, PhospheneError
from phosphene_core.image import blur, encode
from phosphene_core.objective import Objective, image_gradient, image_value
from phosphene_core.testing import check_technique, tiny_classifier, tiny_pictures
from phosphene_deepdream import DeepDream, tiles
from phosphene_deepdream.deepdream import BAND, natural
from phosphene_deepdream.guide import Guided
from phosphene_deepdream.tiles import _windows, tiled_gradient
from phosphene_imageopt.colour import TO_RGB, mix

MODEL = tiny_classifier()
PHOTO = MODEL.preprocess([tiny_pictures(1, 60)[0][:45]], square=False)


@attrs.frozen
class Activation(Objective):
    layer: str = "conv2"

    def upto(self, model):
        return self.layer

    def __call__(self, trace):
        a = trace[self.layer]
        return 0.5 * np.square(a).reshape(len(a), -1).sum(axis=1), {self.layer: a}


def frames(images=PHOTO, objective=Activation(), **settings):
    made = DeepDream(**{"steps": 3, "octaves": 2, "scale": 1.4, "jitter": 4, "tile": 40, **settings})
    return list(made.frames(MODEL, images, objective, np.random.default_rng(0)))


def test_the_contract():
    check_technique(DeepDream())
    check_technique(DeepDream(), objective=Activation(), images=PHOTO)


def test_the_layer_sees_more_and_every_frame_has_the_photograph_s_size():
    made = frames()
    assert [f.step for f in made] == list(range(1, 7))
    assert all(f.images.shape == PHOTO.shape and f.steps == 6 for f in made)
    assert image_value(MODEL, made[-1].images, Activation()) > 1.15 * image_value(MODEL, PHOTO, Activation())
    low, high = MODEL.pixel_range(PHOTO)
    assert all(((f.images >= low) & (f.images <= high)).all() for f in made)


def test_a_step_changes_pixels_by_the_step_whatever_the_gradient_s_size():
    changes = [np.abs(frames(objective=f * Activation(), steps=1, octaves=1, step=2.0)[0].images - PHOTO).mean()
               for f in (1e-4, 1e4)]  # fmt: skip
    assert changes == pytest.approx([2.0, 2.0], rel=0.2)


@pytest.mark.parametrize("shape", [(12, 12), (45, 60), (100, 7)])
def test_photographs_of_any_shape(shape):
    images = np.zeros((2, 3, *shape), np.float32) + np.random.default_rng(0).normal(0, 30, (2, 3, *shape))
    assert frames(images.astype(np.float32), steps=1)[-1].images.shape == images.shape


def test_tiles_cover_the_picture_once_in_windows_of_one_size():
    for size in (41, 79, 80, 81, 200):
        for seed in range(30):
            windows = list(_windows(size, 40, np.random.default_rng(seed)))
            covered = np.zeros(size, int)
            for (begin, end), (first, last) in windows:
                assert end - begin == 40
                assert 0 <= begin <= first < last <= end <= size
                covered[first:last] += 1
            assert (covered == 1).all()


def test_a_tiled_gradient_is_the_whole_one_where_layers_see_no_further_than_the_margin():
    whole, value = image_gradient(MODEL, PHOTO, Activation())
    tiled, about = tiled_gradient(MODEL, PHOTO, Activation(), 40, np.random.default_rng(0))
    assert tiled == pytest.approx(whole, rel=1e-3, abs=1e-4 * float(np.abs(whole).max()))
    assert about == pytest.approx(value, rel=0.2)


def seam(monkeypatch, margin):
    """What tiles do to a step: the mean step of its difference from an untiled one across the borders of tiles, over the
    mean difference between neighbours."""
    cuts, own = [], tiles._windows
    monkeypatch.setattr(tiles, "_windows", lambda *asked: _noted(cuts, own(*asked)))
    monkeypatch.setattr(tiles, "MARGIN", margin)
    photo = MODEL.preprocess([tiny_pictures(1, 160)[0]], square=False)
    tiled, whole = (frames(photo, steps=1, octaves=1, jitter=0, tile=t)[0].images - photo for t in (64, 160))
    monkeypatch.undo()
    across = np.abs(np.diff(tiled - whole, axis=3)).mean(axis=(0, 1, 2))
    borders = [c - 1 for c in set(cuts) if c]
    return across[borders].mean() / np.abs(np.diff(whole, axis=3)).mean()


def _noted(cuts, windows):
    windows = list(windows)
    cuts += [first for _, (first, _) in windows]
    return windows


def test_no_seam_shows(monkeypatch):
    assert seam(monkeypatch, tiles.MARGIN) < 0.01
    assert seam(monkeypatch, 0) > 0.05, "without margins it would"


def test_a_rolled_picture_is_asked_about_without_making_it():
    rolled = np.roll(PHOTO, (7, -11), (2, 3))
    gradient, value = tiled_gradient(MODEL, rolled, Activation(), 40, np.random.default_rng(3))
    own, same = tiled_gradient(MODEL, PHOTO, Activation(), 40, np.random.default_rng(3), (7, -11))
    assert np.array_equal(own, np.roll(gradient, (-7, 11), (2, 3)))
    assert same == value


def test_bands_of_a_large_picture_join_without_a_trace():
    gradient = np.random.default_rng(0).standard_normal((1, 3, 3 * BAND + 5, 6)).astype(np.float32)
    coloured = mix(TO_RGB @ TO_RGB.T, gradient)
    assert natural(gradient) == pytest.approx(coloured + blur(coloured, 1.0) + 2 * blur(coloured, 2.0), abs=1e-5)


def test_seams_fall_in_another_place_at_every_step():
    rng = np.random.default_rng(0)
    assert len({w[1] for _ in range(20) for w in _windows(200, 40, rng)}) > 30


def test_the_network_never_sees_more_than_a_tile():
    seen = []

    class Watched:
        def __getattr__(self, name):
            return getattr(MODEL, name)

        def trace(self, images, **settings):
            seen.append(images.shape[2:])
            return MODEL.trace(images, **settings)

    list(DeepDream(steps=1, octaves=2, tile=40).frames(Watched(), PHOTO, Activation(), np.random.default_rng(0)))
    assert max(max(s) for s in seen) == 40


def test_a_guide_brings_its_own_features(tmp_path):
    encode(tiny_pictures(1, 40, seed=9)[0], tmp_path / "guide.png")
    guide = Guided.by(str(tmp_path / "guide.png"), MODEL, Activation())
    made = frames(guide=str(tmp_path / "guide.png"))
    assert image_value(MODEL, made[-1].images, guide) > 1.1 * image_value(MODEL, PHOTO, guide)
    assert not np.array_equal(made[-1].images, frames()[-1].images)
    with pytest.raises(FileError, match=r"none\.png"):
        frames(guide="none.png")
    with pytest.raises(PhospheneError, match="conv1, conv2"):
        frames(objective=Activation("scores"), guide=str(tmp_path / "guide.png"))


def test_zoom_frames_go_on_into_the_picture_at_a_constant_size():
    made = frames(zoom_frames=4, zoom=1.2)
    assert len(made) == 10
    assert made[-1].steps == made[-1].step == 10
    assert all(f.images.shape == PHOTO.shape for f in made)
    assert not np.array_equal(made[-1].images, made[-2].images)


def test_a_layer_that_sees_nothing_is_an_error_in_words():
    with pytest.raises(PhospheneError, match=r"zero.*another layer"):
        frames(objective=0.0 * Activation())
