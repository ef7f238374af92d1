"""Beam search with length normalization, and diverse beam search (Vijayakumar et al. 2016)."""

from typing import Any

import attrs
import numpy as np

from phosphene_captioning.attention import with_attention
from phosphene_captioning.caption import Caption
from phosphene_captioning.captioner import Captioner
from phosphene_captioning.stepping import NEVER, Stepper
from phosphene_captioning.vocabulary import END, NULL
from phosphene_core.layer import Array
from phosphene_core.options import option
from phosphene_dense import largest

TOGETHER = 16_384
"""Beams of all pictures that are searched at once: more would only take more memory."""


@attrs.frozen
class Beam:
    """How the best captions are searched for."""

    width: int = option(5, "beams kept at every word", ge=1)
    length_power: float = option(0.7, "score = log-probability / length ** power; 0 favours short captions", ge=0)
    groups: int = option(1, "groups of beams that must differ from each other; width is shared out among them", ge=1)
    diversity: float = option(0.5, "what a word costs a later group for each earlier group that has it", ge=0)


def beam_search(
    model: Captioner, features: Array, beam: Beam = Beam(), max_length: int = 16, forbid_unknown: bool = False, screening: bool = True
) -> list[list[Caption]]:
    """For each row of features (N, D) its best captions, best first, at most `beam.width`.

    All pictures and beams step together in one batch, up to `TOGETHER` beams; a picture with as many finished captions as beams drops out. Where
    nothing reaches <END> the unfinished captions are given. `screening`: see `Speech`.
    """
    some = max(1, TOGETHER // beam.width)
    if len(features) > some:
        parts = (features[i : i + some] for i in range(0, len(features), some))
        return [best for part in parts for best in beam_search(model, part, beam, max_length, forbid_unknown, screening)]
    stepper = Stepper(model, forbid_unknown, screening)
    state, words = stepper.start(features)
    if beam.groups == 1 and (said := stepper.steps.search(words, state, beam.width, max_length, END, NEVER / 2)):
        best = _best(*said, beam)
    else:
        best = _stepwise(stepper, words, state, beam, max_length)
    return with_attention(model, features, best)


def _stepwise(stepper: Stepper, words: Array, state: Any, beam: Beam, max_length: int) -> list[list[Caption]]:
    """The search step by step, for any layer and diverse groups."""
    pictures, groups = len(words), min(beam.groups, beam.width)
    widths = [beam.width // groups + (g < beam.width % groups) for g in range(groups)]
    searches = [_Search(pictures, w, max_length) for w in widths]
    states: list[tuple[Any, Array, Any]] = [(state, words, None) for _ in widths]
    for t in range(max_length):
        taken: list[Array] = []
        for g, search in enumerate(searches):
            state, words, parents = states[g]
            if taken:
                log_probs, state = stepper.step(state, words, parents)
                costs = _costs(taken, log_probs.shape, search.beams) * beam.diversity
                ranked = log_probs - costs.astype(log_probs.dtype)
                few = largest(ranked, min(2 * widths[g], ranked.shape[1]))
                gains, ranks = (np.take_along_axis(a, few, axis=1) for a in (log_probs, ranked))
            else:
                few, gains, state = stepper.likeliest(2 * widths[g], state, words, parents)
                ranks = gains
            rows, words, ended = search.extend(few, gains, ranks, t)
            states[g] = state, words, rows
            taken.append(np.column_stack([words.reshape(-1, widths[g]), ended]))
        going = ~np.logical_and.reduce([s.done for s in searches])
        if not going.any():
            break
        for g, search in enumerate(searches):
            state, words, rows = states[g]
            of = np.repeat(going, widths[g])
            search.keep(going)
            states[g] = state, words[of], rows[of]
    found = [s.captions() for s in searches]
    best = [
        _ranked([c for s, own in zip(searches, found, strict=True) for c in _ranked(own[i], beam)[: s.width]], beam)
        for i in range(pictures)
    ]
    return [b[: beam.width] for b in best]


def _best(lengths: Array, tokens: Array, log_probs: Array, beam: Beam) -> list[list[Caption]]:
    """The captions of each picture, ranked, from (N, M, T) words and log-probabilities of M captions each, so long (0: none)."""
    longest = np.maximum(lengths, 1)
    last = np.take_along_axis(tokens, longest[:, :, None] - 1, axis=2)[:, :, 0]
    scores = log_probs.cumsum(axis=2)[:, :, -1] / longest**beam.length_power
    kinds = np.where(lengths == 0, 2, last != END)  # finished ones first
    order = np.lexsort((-scores, kinds))[:, : beam.width]
    rows = np.arange(len(order))[:, None]
    counts = lengths[rows, order]
    there = np.arange(tokens.shape[2]) < counts[:, :, None]
    words, logs = tuple(tokens[rows, order][there].tolist()), tuple(log_probs[rows, order][there].tolist())
    ends, width = counts.cumsum().tolist(), order.shape[1]
    every = [Caption(words[start:end], logs[start:end]) for start, end in zip([0, *ends], ends, strict=False)]
    return [[c for c in every[i : i + width] if c.tokens] for i in range(0, len(every), width)]


class _Search:
    """The beams of one group over the pictures that are not done: (N, beams) sums, with each beam's words so far. All start
    from one beam."""

    def __init__(self, pictures: int, width: int, max_length: int) -> None:
        self.width, self.length = width, 0
        self.pictures = np.arange(pictures)
        self.total = np.zeros((pictures, 1))
        self.tokens = np.zeros((pictures, 1, max_length), np.int64)
        self.log_probs = np.zeros((pictures, 1, max_length))
        self.finished: list[list[Caption]] = [[] for _ in range(pictures)]

    @property
    def beams(self) -> int:
        return self.total.shape[1]

    def extend(self, few: Array, gains: Array, ranks: Array, t: int) -> tuple[Array, Array, Array]:
        """Take the best `width` continuations of every picture: the rows that they come from, their words, and for each
        picture <END> if a caption has ended here, else <NULL>. `few`: of every beam the 2 `width` words that count most (all
        where there are no more), enough that `width` stay alive although as many may end; their log-probabilities; and how
        much they count."""
        (n, beams), w, each = self.total.shape, self.width, few.shape[1]
        keep = min(2 * w, beams * each)
        ranking = self.total[:, :, None] + ranks.reshape(n, beams, each)
        best = largest(ranking.reshape(n, beams * each), keep)
        source, word = best // each, np.take_along_axis(few.reshape(n, beams * each), best, axis=1)
        gain = np.take_along_axis(gains.reshape(n, beams * each), best, axis=1).astype(np.float64)
        total = np.take_along_axis(self.total, source, axis=1) + gain
        there, ends = total > NEVER / 2, word == END
        alive = np.cumsum(there & ~ends, axis=1)
        told = there & ends & (np.arange(keep) < w)
        for p, k in np.argwhere(told).tolist():
            row = self.tokens[p, source[p, k], :t].tolist(), self.log_probs[p, source[p, k], :t].tolist()
            self.finished[self.pictures[p]].append(Caption((*row[0], END), (*row[1], float(gain[p, k]))))
        i, rank = np.nonzero(there & ~ends & (alive <= w))
        place = alive[i, rank] - 1
        parents, words, new_total = np.zeros((n, w), np.intp), np.full((n, w), END), np.full((n, w), float(NEVER))
        parents[i, place], words[i, place], new_total[i, place] = source[i, rank], word[i, rank], total[i, rank]
        own = np.arange(n)[:, None]
        self.tokens, self.log_probs = self.tokens[own, parents], self.log_probs[own, parents]
        self.tokens[i, place, t], self.log_probs[i, place, t] = word[i, rank], gain[i, rank]
        self.total, self.length = new_total, t + 1
        return (own * beams + parents).ravel(), words.ravel(), np.where(told.any(axis=1), END, NULL)

    @property
    def done(self) -> Array:
        """Which pictures have as many finished captions as there are beams."""
        return np.array([len(self.finished[i]) >= self.width for i in self.pictures], bool)

    def keep(self, going: Array) -> None:
        """Go on with these pictures only."""
        if not going.all():
            self.pictures, self.total = self.pictures[going], self.total[going]
            self.tokens, self.log_probs = self.tokens[going], self.log_probs[going]

    def captions(self) -> list[list[Caption]]:
        """Of every picture the finished captions, and unfinished ones where there are fewer than `width`."""
        found = [list(f) for f in self.finished]
        for i, picture in enumerate(self.pictures):
            for k in range(self.beams):
                if len(found[picture]) < self.width and self.total[i, k] > NEVER / 2:
                    row = self.tokens[i, k, : self.length].tolist(), self.log_probs[i, k, : self.length].tolist()
                    found[picture].append(Caption(tuple(row[0]), tuple(row[1])))
        return found


def _costs(taken: list[Array], shape: tuple[int, ...], width: int) -> Array:
    """How many beams of earlier groups have just taken each word: (N * w, V)."""
    n = len(taken[0])
    counts = np.zeros((n, shape[1]))
    for words in taken:
        np.add.at(counts, (np.arange(n)[:, None], words), 1)
    return np.repeat(counts, width, axis=0)


def _ranked(captions: list[Caption], beam: Beam) -> list[Caption]:
    def score(c: Caption) -> float:
        return c.log_prob / max(1, len(c.tokens)) ** beam.length_power

    finished = sorted((c for c in captions if c.finished), key=score, reverse=True)
    rest = sorted((c for c in captions if not c.finished), key=score, reverse=True)
    return finished + rest
