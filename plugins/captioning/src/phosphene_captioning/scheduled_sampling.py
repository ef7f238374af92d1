"""Scheduled sampling (Bengio et al. 2015): by and by a captioner in training reads its own words, as it will when it speaks."""

from typing import Any

import numpy as np

from phosphene_captioning.vocabulary import NULL
from phosphene_core.layer import Array, Need, Pass


def partly_own_words(model: Any, features: Array, captions: Array, run: Pass) -> Array:
    """The words that a `Captioner` reads (N, T) where captions (N, T+1) are learnt: some are its own guesses from a first,
    parallel pass (Mihaylova and Martins 2019). Their share rises in five steps over the run to `model.scheduled_sampling`."""
    share = model.scheduled_sampling * np.ceil(5 * run.progress) / 5
    before, after = captions[:, :-1], captions[:, 1:]
    there = after != NULL
    guesses = model.decode(features, before, there, Pass(need=Need.NOTHING)).scores.argmax(axis=1)
    words = before.copy()
    own = np.zeros_like(before)
    own[there] = guesses
    assert run.rng is not None
    chosen = (run.rng.random(words[:, 1:].shape) < share) & (words[:, 1:] != NULL) & there[:, :-1]
    words[:, 1:][chosen] = own[:, :-1][chosen]
    return words
