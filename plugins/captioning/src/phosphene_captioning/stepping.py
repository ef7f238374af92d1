"""One word at a time: the state of several captions, and the next word's log-probabilities."""

import attrs
import numpy as np

from phosphene_captioning.captioner import Captioner
from phosphene_captioning.vocabulary import NULL, START, UNKNOWN
from phosphene_core.layer import Array, inner
from phosphene_dense import likeliest, log_softmax
from phosphene_rnn import WordSteps

LogProbs = Array
NEVER = -1e9


@attrs.frozen(eq=False)
class Stepper:
    """Steps a captioner. <NULL> and <START> never come; <UNK> neither, where it is forbidden. `screening`: see `Speech`."""

    model: Captioner
    forbid_unknown: bool = False
    screening: bool = True
    steps: WordSteps = attrs.field(init=False, repr=False)

    @steps.default
    def _steps(self) -> WordSteps:
        params, bias = self.model.params, self.model.params["b_vocab"].copy()
        bias[[NULL, START, UNKNOWN] if self.forbid_unknown else [NULL, START]] = NEVER  # no score makes up for that
        recurrent = inner(params, "recurrent")
        return WordSteps.of(self.model.recurrent, recurrent, params["W_embed"], params["W_vocab"], bias, self.screening)

    def start(self, features: Array) -> tuple[tuple[Array, ...], Array]:
        """The state before the first word, and that word, <START>, for features (N, D) or (N, D, h, w)."""
        return self.model.started(features), np.full(len(features), START)

    def step(
        self, state: tuple[Array, ...], words: Array, parents: Array | None = None
    ) -> tuple[LogProbs, tuple[Array, ...]]:
        """Log-probabilities (N, V) of the word after `words` (N,), and the next state. Caption n goes on from row parents[n]
        of the state (None: n)."""
        scores, state = self.steps.step(words, state, parents)
        return log_softmax(scores, overwrite=True), state

    def likeliest(
        self, count: int, state: tuple[Array, ...], words: Array, parents: Array | None = None
    ) -> tuple[Array, LogProbs, tuple[Array, ...]]:
        """`step`, but of the next words only the `count` likeliest, likeliest first: (N, count), with their log-probabilities."""
        scores, state = self.steps.step(words, state, parents)
        return *likeliest(scores, min(count, scores.shape[1])), state

