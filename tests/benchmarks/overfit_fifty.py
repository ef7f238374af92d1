"""The course's sanity check: 50 captions, 50 epochs, and the captioner must know them by heart.

    python tests/benchmarks/overfit_fifty.py [seeds]

Hidden 512, words 256, features 512, vocabulary 1,004, Adam with 5e-3 (times 0.95 after each epoch for the RNN, 0.995 for the
LSTM), minibatches of 25 drawn as the course draws them. Features are made; captions are words drawn at random, as long as
COCO's. The course expects a loss that falls from about 77 to below 0.1 (RNN) and below 0.5 (LSTM).
"""

import sys
import time
from typing import Any

import numpy as np
from captions_vs_torch import FEATURES, captions_of, our_model

from phosphene_captioning import greedy
from phosphene_core import Need, Pass
from phosphene_core.layer import Array
from phosphene_optimizers import Adam

DECAY = {"rnn": 0.95, "lstm": 0.995}


def overfit(
    model: Any, features: Array, captions: Array, decay: float, rng: np.random.Generator, epochs: int = 50, batch: int = 25
) -> list[float]:
    """Trains the model in place; the loss of each update."""
    optimizer = Adam(learning_rate=5e-3)
    state, losses, per_epoch = optimizer.start(model.params), [], max(1, len(captions) // batch)
    for step in range(epochs * per_epoch):
        rows = rng.choice(len(captions), batch)
        data = {"features": features[rows], "captions": captions[rows]}
        loss, _, grads = model.loss(data, Pass(train=True, rng=rng, need=Need.PARAMS))
        optimizer.update(model.params, grads, state, scale=decay ** (step // per_epoch))
        losses.append(loss)
    return losses


def said_back(model: Any, features: Array, captions: Array) -> float:
    """The share of captions that greedy sampling gives back, word for word."""
    found = greedy(model, features, captions.shape[1] - 1)
    return float(np.mean([c.tokens == tuple(row[1:][row[1:] != 0]) for c, row in zip(found, captions, strict=True)]))


def main(seeds: int) -> None:
    print(f"{'':8s}{'seed':>6s}{'first loss':>12s}{'last loss':>12s}{'of all 50':>12s}{'said back':>11s}{'seconds':>9s}")
    for kind in ("rnn", "lstm"):
        for seed in range(seeds):
            rng = np.random.default_rng(seed)
            model, captions = our_model(kind).initialized(rng), captions_of(50, True)
            features = rng.standard_normal((50, FEATURES), np.float32)
            begin = time.perf_counter()
            losses = overfit(model, features, captions, DECAY[kind], rng)
            seconds = time.perf_counter() - begin
            whole = model.loss({"features": features, "captions": captions}, Pass(need=Need.NOTHING))[0]
            back = said_back(model, features, captions)
            print(f"{kind:8s}{seed:6d}{losses[0]:12.3f}{losses[-1]:12.4f}{whole:12.4f}{back:11.0%}{seconds:9.2f}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
