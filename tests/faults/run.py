"""A tiny training run, quick to start: what is killed, starved of disk and raced against its twin in these tests.

`python run.py FOLDER [--kind captioner] [--epochs N] [--slow SECONDS]` trains, resuming if there is a checkpoint.
"""

import argparse
import time
from pathlib import Path

import attrs
import numpy as np

from phosphene_core import Dataset, option
from phosphene_core.testing import TinyColours, TinyMomentum, tiny_classifier
from phosphene_core.trainer import Trainer, TrainSettings


def trainer(folder, model=None, optimizer=None, hooks=None, data=None, stop=lambda: False, **settings):
    """A trainer of the tiny classifier; a checkpoint every third step, and averaged weights."""
    defaults = {"epochs": 4, "batch_size": 9, "schedule": "onecycle", "seed": 3, "average": 0.9, "checkpoint_every": 3}
    given = TrainSettings(**defaults | settings)
    return Trainer(model or tiny_classifier(), data or TinyColours(), optimizer or TinyMomentum(), given, folder, hooks, stop)


@attrs.frozen
class Sentences(Dataset):
    """Captions that follow from their features."""

    count: int = option(40, "captions")

    def size(self, split):
        return self.count

    def batch(self, split, rows, rng=None):
        own = [np.random.default_rng([row, len(split)]) for row in rows]
        features = np.array([r.standard_normal(6) for r in own], np.float32).reshape(-1, 6)
        captions = np.array(
            [[1, *(4 + r.permutation(5)[: 2 + row % 3]), 2, 0, 0, 0][:7] for r, row in zip(own, rows, strict=True)]
        )
        return {"features": features, "captions": captions.reshape(-1, 7)}

    def facts(self):
        return {
            "vocabulary": ("<NULL>", "<START>", "<END>", "<UNK>", "a", "red", "green", "blue", "thing"),
            "features": 6,
        }

    def pictures(self, split, limit=None):
        batch = self.batch(split, range(5))
        return batch["features"], [["a red thing"]] * 5


def captioner(folder, stop=lambda: False, hooks=None, **settings):
    """A trainer of a small LSTM captioner with dropout and scheduled sampling: all that draws at random."""
    from phosphene_captioning.captioner import Captioner
    from phosphene_lstm import LSTM
    from phosphene_optimizers import Adam

    model = Captioner(LSTM(hidden=12), word_size=8, dropout=0.3, scheduled_sampling=0.5).prepared_for(
        Sentences().facts()
    )
    defaults = {"epochs": 4, "batch_size": 9, "schedule": "cosine", "seed": 3, "clip_norm": 5.0, "checkpoint_every": 3}
    given = TrainSettings(**defaults | settings)
    return Trainer(model.initialized(np.random.default_rng(0)), Sentences(), Adam(1e-2), given, folder, hooks, stop)


KINDS = {"classifier": trainer, "captioner": captioner}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kind", choices=KINDS, default="classifier")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--slow", type=float, default=0.0, help="seconds to sleep in each step")
    asked = parser.parse_args()
    run = KINDS[asked.kind](asked.folder, epochs=asked.epochs)
    run.resume()
    print("from", run.step, flush=True)
    for step in run.steps():
        print("step", step.number, flush=True)
        time.sleep(asked.slow)
    print("done", flush=True)


if __name__ == "__main__":
    main()
