"""What `phosphene bench` measures here: training steps and greedy captions, in the course's sizes."""

from functools import partial
from typing import Any

import numpy as np

from phosphene_captioning.captioner import Captioner
from phosphene_captioning.sampling import greedy
from phosphene_captioning.vocabulary import NULL, SPECIAL
from phosphene_core.dataset import Batch
from phosphene_core.layer import Need, Pass, RecurrentLayer
from phosphene_core.optimizer import Optimizer

WORDS, STEPS, FEATURES, HIDDEN, WORD_SIZE = 1004, 16, 512, 512, 256


def add(register: Any, registry: Any) -> None:
    """Offer the cases."""
    for layer, gates in (("rnn", 1), ("lstm", 4), ("gru", 3)):
        per_word = (WORD_SIZE + HIDDEN) * HIDDEN * gates + HIDDEN * WORDS
        per_caption = 2.0 * (STEPS * per_word + FEATURES * HIDDEN)
        for n in (25, 128):
            name = f"training step with Adam, {layer}, N={n} T=16 H=512 V=1004"
            register("step", name, partial(_training, registry, layer, n), 3 * n * per_caption)
        register(
            "step", f"greedy captions, {layer}, N=100 T=16", partial(_captions, registry, layer), 100 * per_caption
        )


def _model(registry: Any, layer: str) -> Captioner:
    words = (*SPECIAL, *(f"w{i}" for i in range(WORDS - len(SPECIAL))))
    recurrent = registry.resolve(RecurrentLayer, f"{layer}:hidden={HIDDEN}")
    made = Captioner(recurrent=recurrent, features=FEATURES, word_size=WORD_SIZE, vocabulary_words=words)
    return made.initialized(np.random.default_rng(0))


def _training(registry: Any, layer: str, n: int) -> Any:
    model, rng = _model(registry, layer), np.random.default_rng(1)
    captions = rng.integers(NULL + 1, WORDS, (n, STEPS + 1))
    batch: Batch = {"features": rng.standard_normal((n, FEATURES), np.float32), "captions": captions}
    optimizer = registry.resolve(Optimizer, "adam")
    state = optimizer.start(model.params)

    def work() -> None:
        _, _, grads = model.loss(batch, Pass(train=True, rng=np.random.default_rng(0), need=Need.PARAMS))
        optimizer.update(model.params, grads, state)

    return work


def _captions(registry: Any, layer: str) -> Any:
    model = _model(registry, layer)
    features = np.random.default_rng(1).standard_normal((100, FEATURES), np.float32)
    return lambda: greedy(model, features, STEPS)
