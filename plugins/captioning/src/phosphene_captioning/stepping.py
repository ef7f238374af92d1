"""One word at a time: the state of several captions, and the next word's log-probabilities."""

from typing import Any

import attrs
import numpy as np

from phosphene_captioning.captioner import Captioner
from phosphene_captioning.vocabulary import NULL, START, UNKNOWN
from phosphene_core.layer import Array, inner

LogProbs = Array
NEVER = -1e9


@attrs.frozen
class Stepper:
    """Steps a captioner. What depends on the word alone is left to the recurrent layer, once per vocabulary."""

    model: Captioner
    forbid_unknown: bool = False
    recurrent: dict[str, Array] = attrs.field(init=False, repr=False)
    table: Array = attrs.field(init=False, repr=False)

    @recurrent.default
    def _recurrent(self) -> dict[str, Array]:
        return inner(self.model.params, "recurrent")

    @table.default
    def _table(self) -> Array:
        return self.model.recurrent.project(self.recurrent, self.model.params["W_embed"])

    def start(self, features: Array) -> tuple[tuple[Array, ...], Array]:
        """The state before the first word, and that word, <START>, for features (N, D) or (N, D, h, w)."""
        return self.model.started(features), np.full(len(features), START)

    def step(self, state: tuple[Array, ...], words: Array) -> tuple[LogProbs, tuple[Array, ...]]:
        """Log-probabilities (N, V) of the word after `words` (N,), and the next state. <NULL> and <START> never come;
        <UNK> neither, where it is forbidden."""
        scores, state = self.scores(state, words)
        scores[:, [NULL, START]] = NEVER
        if self.forbid_unknown:
            scores[:, UNKNOWN] = NEVER
        scores -= scores.max(axis=1, keepdims=True)
        scores -= np.log(np.exp(scores).sum(axis=1, keepdims=True))
        return scores, state

    def scores(self, state: tuple[Array, ...], words: Array) -> tuple[Array, tuple[Array, ...]]:
        """The unnormalized scores alone, for who only wants the best word."""
        p = self.model.params
        h, state = self.model.recurrent.step(self.recurrent, self.table[words], state)
        return h @ p["W_vocab"] + p["b_vocab"], state


def chosen(state: tuple[Any, ...], rows: Array) -> tuple[Any, ...]:
    """The state of these rows."""
    return tuple(s[rows] for s in state)
