"""Pictures come to their size pixel for pixel as Pillow and the numpy twins bring them there, with every instruction set."""

import io

import numpy as np
import PIL
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from PIL import Image

from phosphene_core.image import center_box, center_crop, decode, resize
from phosphene_resampling import fit, reduce, resample, twin
from phosphene_resampling.bicubic import taps
from phosphene_resampling.engine import kernels, use_twins
from phosphene_resampling.resample import down_first

MODULE = kernels.compiled
SETS = [name for name in ("base", "v3", "v4") if MODULE is not None and MODULE.use(name)]
sides = st.integers(1, 150)
needs_kernels = pytest.mark.skipif(MODULE is None, reason="no kernels were compiled")


@pytest.fixture(autouse=True)
def best_set_again():
    yield
    if MODULE is not None:
        MODULE.use(MODULE.instruction_set())


def picture(height, width, seed):
    """Noise; for odd seeds of blacks and whites, which the filter overshoots."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (height, width, 3), np.uint8) if seed % 2 == 0 else rng.integers(0, 2, (height, width, 3), np.uint8) * 255


def pillows(pixels, height, width, box=None, gap=None):
    """What Pillow makes of it; versions before 13, which go across first always, are asked nothing where that shows."""
    assume(int(PIL.__version__.split(".")[0]) >= 13 or not down_first(pixels, height, width))
    sized = Image.fromarray(pixels).resize((width, height), Image.Resampling.BICUBIC, box, gap)
    return np.asarray(sized).transpose(2, 0, 1)


def each_set(work):
    """What `work` gives with each instruction set that runs here."""
    for name in SETS:
        MODULE.use(name)
        yield work()


@given(sides, sides, st.integers(1, 70), st.integers(1, 70), st.integers(0, 9), st.tuples(*[st.floats(0, 1)] * 4) | st.none())
@example(150, 20, 8, 16, 1, None)  # tall: down first
@example(150, 20, 8, 16, 1, (0.3, 0.2, 0.5, 0.8))
@example(1, 1, 1, 1, 0, None)
@needs_kernels
def test_resampling_is_pillows(height, width, new_height, new_width, seed, part):
    pixels, box = picture(height, width, seed), None
    if part:
        (left, right), (top, bottom) = sorted(part[:2]), sorted(part[2:])
        assume(right - left > 0.01 and bottom - top > 0.01)
        box = left * width, top * height, right * width, bottom * height
    found = list(each_set(lambda: resample(pixels, new_height, new_width, box)))
    left, top, right, bottom = box or (0, 0, width, height)
    across, down = taps(width, left, right, new_width), taps(height, top, bottom, new_height)
    twins = twin.resample(pixels, across, down, down_first(pixels, new_height, new_width))
    for planes in found:
        np.testing.assert_array_equal(planes, twins)
    np.testing.assert_array_equal(twins, pillows(pixels, new_height, new_width, box))


@given(sides, sides, st.integers(1, 12), st.integers(1, 12), st.integers(0, 9), st.tuples(*[st.floats(0, 1)] * 4))
@needs_kernels
def test_reducing_is_pillows(height, width, down, across, seed, part):
    pixels = picture(height, width, seed)
    left, right = sorted(int(p * (width - 1)) for p in part[:2])
    top, bottom = sorted(int(p * (height - 1)) for p in part[2:])
    box = left, top, right + 1, bottom + 1
    twins = twin.reduce(pixels[top : bottom + 1, left : right + 1], down, across)
    for reduced in each_set(lambda: reduce(pixels, down, across, box)):
        np.testing.assert_array_equal(reduced, twins)
    np.testing.assert_array_equal(twins, np.asarray(Image.fromarray(pixels).reduce((across, down), box)))


@given(st.integers(1, 400), st.integers(1, 400), st.integers(1, 70), st.integers(1, 70), st.integers(0, 9))
@example(375, 500, 64, 64, 0)
@example(150, 200, 64, 64, 0)
@example(64, 64, 64, 64, 0)
@example(400, 20, 3, 9, 0)
def test_fitting_is_what_pillow_does_in_one_go(height, width, new_height, new_width, seed):
    pixels = picture(height, width, seed)
    box = center_box(height, width, new_height / new_width)
    expected = pillows(pixels, new_height, new_width, box, 2.0)
    np.testing.assert_array_equal(fit(pixels, new_height, new_width), expected)
    with use_twins():
        np.testing.assert_array_equal(fit(pixels, new_height, new_width), expected)


@pytest.mark.parametrize("size", [(150, 200), (201, 90), (30, 20), (64, 48), (900, 1300)])
@pytest.mark.parametrize("wanted", [(64, 64), (48, 64)])
def test_fitting_what_was_decoded_for_it_is_nearly_cropping_and_resizing(size, wanted):
    coarse, data = np.random.default_rng(0).integers(0, 256, (5, 7, 3), np.uint8), io.BytesIO()
    Image.fromarray(coarse).resize(size[::-1], Image.Resampling.BICUBIC).save(data, format="JPEG", quality=90)
    fitted = fit(decode(data.getvalue(), enough_for=wanted), *wanted)
    assert fitted.shape == (3, *wanted)
    expected = resize(center_crop(decode(data.getvalue()), wanted[0] / wanted[1]), *wanted)
    assert np.abs(fitted.transpose(1, 2, 0).astype(float) - expected).mean() < 1


@needs_kernels
@pytest.mark.parametrize("box", [(90, 30, 100, 40), (0, 0, 9, 40), (41.5, 7.25, 63.5, 33.75)], ids=str)
def test_only_what_counts_is_read(box):
    """What lies beyond the filter's reach of a box changes nothing, and what the picture is part of neither."""
    pixels = picture(40, 100, 0)
    inside = resample(pixels, 5, 6, box)
    changed = pixels.copy()
    reach = 2 * max((box[2] - box[0]) / 6, (box[3] - box[1]) / 5, 1) + 1
    changed[:, : max(0, int(box[0] - reach))] = 7
    changed[:, int(box[2] + reach) + 1 :] = 7
    np.testing.assert_array_equal(resample(changed, 5, 6, box), inside)
    wider = np.zeros((40, 130, 3), np.uint8)
    wider[:, 10:110] = pixels
    np.testing.assert_array_equal(resample(wider[:, 10:110], 5, 6, box), inside)
