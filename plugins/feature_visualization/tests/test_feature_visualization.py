"""Feature visualization: pictures that a channel reacts to, one or a whole sheet of them."""

import attrs
import numpy as np
import pytest

from phosphene_core.errors import NotFoundError, PhospheneError
from phosphene_core.objective import Objective
from phosphene_core.testing import check_technique, tiny_classifier, tiny_pictures
from phosphene_feature_visualization import FeatureVisualization
from phosphene_feature_visualization.sheet import GAP, EachChannel

MODEL = tiny_classifier()
BLANK = np.zeros((1, 3, 12, 12), np.float32)


@attrs.frozen
class Layer(Objective):
    """The mean of a layer; with `tells` off, it does not say how far up it looks."""

    layer: str = "conv2"
    tells: bool = True

    def upto(self, model):
        return self.layer if self.tells else None

    def __call__(self, trace):
        a = trace[self.layer]
        return a.mean(axis=tuple(range(1, a.ndim))), {self.layer: np.full_like(a, 1 / a[0].size)}


def frames(objective=Layer(), images=BLANK, **settings):
    made = FeatureVisualization(**{"steps": 6, **settings})
    return list(made.frames(MODEL, images, objective, np.random.default_rng(0)))


def test_the_contract():
    check_technique(FeatureVisualization())
    check_technique(FeatureVisualization(sheet=True, batch=2, steps=2), images=MODEL.preprocess(list(tiny_pictures(1))))


@pytest.mark.parametrize("channel", range(3))
def test_a_channel_reacts_more_to_its_picture_than_to_noise(channel):
    made = frames(EachChannel("conv1", np.array([channel])), steps=20)
    assert made[-1].values > 2 * made[0].values


@pytest.mark.parametrize("tells", [True, False])
def test_a_sheet_shows_every_channel_of_the_layer_on_one_picture(tells):
    made = frames(Layer(tells=tells), sheet=True, batch=4)
    assert all(f.images.shape == (1, 3, 2 * 12 + GAP, 3 * 12 + 2 * GAP) for f in made)
    assert [f.step for f in made] == list(range(len(made)))
    assert made[-1].step == made[-1].steps
    assert len(made[-1].facts["values"]) == 6
    low, high = MODEL.pixel_range(made[-1].images)
    assert ((made[-1].images >= low - 1e-3) & (made[-1].images <= high + 1e-3)).all()


def test_each_cell_of_the_sheet_is_what_its_own_channel_reacts_to_most():
    model = attrs.evolve(MODEL, mean=None)
    made = FeatureVisualization(
        steps=40, sheet=True, batch=2, jitter=0, scale=(1.0, 1.0), rotate=0.0, total_variation=0.0
    )
    sheet = list(made.frames(model, BLANK, Layer("conv1"), np.random.default_rng(0)))[-1]
    cells = [sheet.images[:, :, r : r + 12, c : c + 12] for r in (0, 12 + GAP) for c in (0, 12 + GAP)]
    reached = np.array([model.trace(c)["conv1"].mean(axis=(0, 2, 3)) for c in cells])
    assert sheet.facts["values"] == pytest.approx(np.diag(reached), rel=0.05)
    assert (reached.argmax(axis=0) == np.arange(4)).all()


def test_a_sheet_may_show_some_of_the_channels_and_says_which_there_are():
    made = frames(sheet=True, first=2, count=3)
    assert made[-1].facts["first"] == 2
    assert len(made[-1].facts["values"]) == 3
    with pytest.raises(NotFoundError, match="channels 0 to 5"):
        frames(sheet=True, first=6)


def test_a_sheet_is_one_picture():
    with pytest.raises(PhospheneError, match="one picture"):
        frames(images=np.zeros((2, 3, 12, 12), np.float32), sheet=True)
