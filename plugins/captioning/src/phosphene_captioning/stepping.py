"""One word at a time: the state of several captions, and the next word's log-probabilities."""

from typing import Any

import attrs
import numpy as np

from phosphene_captioning.captioner import Captioner
from phosphene_captioning.vocabulary import NULL, START, UNKNOWN
from phosphene_core.layer import Array, Params, inner
from phosphene_dense import log_softmax
from phosphene_rnn import Packed

LogProbs = Array
NEVER = -1e9


@attrs.frozen(eq=False)
class Stepper:
    """Steps a captioner. What depends on the word alone is computed once for each word that comes, weights are packed once."""

    model: Captioner
    forbid_unknown: bool = False
    recurrent: Params = attrs.field(init=False, repr=False)
    vocabulary: Packed = attrs.field(init=False, repr=False)
    table: Array = attrs.field(init=False, repr=False)
    known: Array = attrs.field(init=False, repr=False)

    @recurrent.default
    def _recurrent(self) -> Params:
        return self.model.recurrent.prepared(inner(self.model.params, "recurrent"))

    @vocabulary.default
    def _vocabulary(self) -> Packed:
        return Packed.of(self.model.params["W_vocab"])

    @table.default
    def _table(self) -> Array:
        first = self.model.recurrent.project(self.recurrent, self.model.params["W_embed"][:1])
        return np.empty((self.model.words, *first.shape[1:]), first.dtype)

    @known.default
    def _known(self) -> Array:
        return np.zeros(self.model.words, bool)

    def start(self, features: Array) -> tuple[tuple[Array, ...], Array]:
        """The state before the first word, and that word, <START>, for features (N, D) or (N, D, h, w)."""
        return self.model.started(features), np.full(len(features), START)

    def step(
        self, state: tuple[Array, ...], words: Array, parents: Array | None = None
    ) -> tuple[LogProbs, tuple[Array, ...]]:
        """Log-probabilities (N, V) of the word after `words` (N,), and the next state. Caption n goes on from row parents[n]
        of the state (None: n). <NULL> and <START> never come; <UNK> neither, where it is forbidden."""
        new = np.flatnonzero(np.bincount(words[~self.known[words]], minlength=1)) if not self.known.all() else words[:0]
        if len(new):
            self.table[new] = self.model.recurrent.project(self.recurrent, self.model.params["W_embed"][new])
            self.known[new] = True
        h, state = self.model.recurrent.step_rows(self.recurrent, self.table, words, state, parents)
        scores = self.vocabulary.times(h, self.model.params["b_vocab"])
        scores[:, [NULL, START]] = NEVER
        if self.forbid_unknown:
            scores[:, UNKNOWN] = NEVER
        return log_softmax(scores, overwrite=True), state


def chosen(state: tuple[Any, ...], rows: Array) -> tuple[Any, ...]:
    """The state of these rows."""
    return tuple(s[rows] for s in state)
