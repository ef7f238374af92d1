"""Trains captioners of drawn sizes for one batch each, again and again, beside the numpy twins.

`python tests/faults/sizes.py --count 500 [--seed 0]`: what only some sizes show, or only some timings of threads. Each size
that gave another loss or gradient than the twins is told; fails if there was one.
"""

import argparse
import sys

import numpy as np

from phosphene_captioning import Captioner
from phosphene_captioning.vocabulary import END, SPECIAL, START
from phosphene_core import Need, Pass
from phosphene_core.layer import Array
from phosphene_gru import GRU
from phosphene_lstm import LSTM
from phosphene_rnn import VanillaRNN, use_twins

NEAR, TIMES = 3e-4, 3
"""The largest error, as a share of the largest number, and how often each size is tried."""


def drawn(rng: np.random.Generator) -> tuple[Captioner, dict[str, Array], str]:
    """A captioner, a batch for it, and their sizes in words."""
    kind = (VanillaRNN, LSTM, GRU)[rng.integers(3)]
    hidden, word = int(rng.choice([64, 96, 200, 256, 384, 512])), int(rng.choice([16, 64, 128, 256]))
    vocabulary, count, tokens = (int(rng.integers(*span)) for span in ((10, 1100), (1, 140), (2, 18)))
    words = (*SPECIAL, *(f"w{i}" for i in range(vocabulary - len(SPECIAL))))
    model = Captioner(recurrent=kind(hidden=hidden), features=32, word_size=word, vocabulary_words=words).initialized(rng)
    captions = rng.integers(len(SPECIAL), vocabulary, (count, tokens))
    lengths = rng.integers(1, tokens, count)
    captions[:, 0], captions[np.arange(count), lengths] = START, END
    captions[np.arange(tokens) > lengths[:, None]] = 0
    batch = {"features": rng.standard_normal((count, 32), np.float32), "captions": captions}
    return model, batch, f"{kind.__name__}, {hidden} units, words {word}, vocabulary {vocabulary}, {count} x {tokens} tokens"


def errors(model: Captioner, batch: dict[str, Array]) -> list[float]:
    """The largest error of each try, of loss and gradients."""

    def made() -> dict[str, Array]:
        loss, _, grads = model.loss(batch, Pass(need=Need.PARAMS))
        return {k: np.array(v) for k, v in {"loss": loss, **grads}.items()}

    with use_twins():
        want = made()
    tries = [made() for _ in range(TIMES)]
    return [max(float(np.abs(got[k] - w).max() / (np.abs(w).max() + 1e-6)) for k, w in want.items()) for got in tries]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    rng, wrong = np.random.default_rng(asked.seed), 0
    for _ in range(asked.count):
        model, batch, words = drawn(rng)
        found = errors(model, batch)
        if not max(found) < NEAR:
            wrong += 1
            print(f"{words}: errors {', '.join(f'{e:.1g}' for e in found)}", flush=True)
    print(f"{asked.count} sizes, each {TIMES} times: {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
