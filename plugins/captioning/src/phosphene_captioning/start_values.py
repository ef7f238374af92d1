"""The course's start values of a captioner."""

from typing import TYPE_CHECKING

import numpy as np

from phosphene_core.layer import Array, outer

if TYPE_CHECKING:
    from phosphene_captioning.captioner import Captioner


def start_values(model: "Captioner", rng: np.random.Generator) -> dict[str, Array]:
    """Word vectors N(0, 1)/100, matrices N(0, 1)/sqrt(fan_in), biases 0."""

    def matrix(rows: int, columns: int) -> Array:
        return (rng.standard_normal((rows, columns)) / np.sqrt(rows)).astype(np.float32)

    hidden = model.hidden
    word = (rng.standard_normal((model.words, model.word_size)) / 100).astype(np.float32)
    state = ((hidden,), (hidden,), (1, model.features)) if model.attends else (hidden,)
    recurrent, _ = model.recurrent.init(rng, ((1, model.word_size), state))
    return {
        "W_embed": word,
        "W_proj": matrix(model.features, hidden),
        "b_proj": np.zeros(hidden, np.float32),
        **outer("recurrent", recurrent),
        "W_vocab": matrix(hidden, model.words),
        "b_vocab": np.zeros(model.words, np.float32),
    }
