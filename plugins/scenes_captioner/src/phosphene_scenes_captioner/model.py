"""A captioner of pictures whose default settings are those that learn the data set `scenes` in under a minute."""

from importlib.resources import as_file, files

import attrs

from phosphene_captioning import Captioner, PictureCaptioner
from phosphene_cnn import CNN
from phosphene_core.conversion import Resolver
from phosphene_core.model import ImageModel
from phosphene_core.modelfile import load_model
from phosphene_core.options import tuned
from phosphene_lstm import LSTM

SEEING = CNN(
    filters=(16, 32, 48, 64, 64), sizes=(3,), strides=(1,), pools=(2, 2, 2, 1), head="pyramid", hidden=128, size=48,
    whitened=True,
)
SPEAKING = Captioner(recurrent=LSTM(hidden=128, forget_bias=1.0), features=128, word_size=64, fill_state=True)


@attrs.frozen
class ScenesCaptioner(PictureCaptioner):
    """Pictures of 48x48 pixels to captions: four convolutions with max pooling, their means over coarse grids, a hidden
    layer, and an LSTM that starts from it, hidden state and cell alike.

    Max pooling keeps the edges that shapes are told by; the coarse grids keep where things are; and word detection, the
    second loss, teaches the encoder what to look for before the LSTM has learned what comes where in a sentence.
    """

    encoder: ImageModel = tuned(PictureCaptioner, "encoder", SEEING)
    decoder: Captioner = tuned(PictureCaptioner, "decoder", SPEAKING)
    fine_tune: bool = tuned(PictureCaptioner, "fine_tune", True)
    word_detection: float = tuned(PictureCaptioner, "word_detection", 1.0)

    @classmethod
    def pretrained(cls, resolve: Resolver) -> "ScenesCaptioner":
        """The captioner inside this package, trained on the data set `scenes`; its README says how well it does."""
        with as_file(files("phosphene_scenes_captioner") / "pretrained.h5") as path:
            model = load_model(path, {cls.__name__: cls}, resolve)
        assert isinstance(model, cls)
        return model
