"""Beam search with length normalization, and diverse beam search (Vijayakumar et al. 2016)."""

import attrs
import numpy as np

from phosphene_captioning.attention import with_attention
from phosphene_captioning.caption import Caption
from phosphene_captioning.captioner import Captioner
from phosphene_captioning.stepping import NEVER, Stepper, chosen
from phosphene_captioning.vocabulary import END, NULL
from phosphene_core.layer import Array
from phosphene_core.options import option


@attrs.frozen
class Beam:
    """How the best captions are searched for."""

    width: int = option(5, "beams kept at every word", ge=1)
    length_power: float = option(0.7, "score = log-probability / length ** power; 0 favours short captions", ge=0)
    groups: int = option(1, "groups of beams that must differ from each other; width is shared out among them", ge=1)
    diversity: float = option(0.5, "what a word costs a later group for each earlier group that has it", ge=0)


def beam_search(
    model: Captioner, features: Array, beam: Beam = Beam(), max_length: int = 16, forbid_unknown: bool = False
) -> list[list[Caption]]:
    """For each row of features (N, D) its best captions, best first, at most `beam.width`.

    All pictures and beams step together in one batch. Where nothing reaches <END> the unfinished captions are given.
    """
    groups = min(beam.groups, beam.width)
    widths = [beam.width // groups + (g < beam.width % groups) for g in range(groups)]
    stepper = Stepper(model, forbid_unknown)
    searches = [_Search(len(features), w, max_length) for w in widths]
    states = []
    for w in widths:
        state, words = stepper.start(np.repeat(features, w, axis=0))
        states.append((state, words))
    for t in range(max_length):
        if all(s.done for s in searches):
            break
        taken: list[Array] = []
        for g, search in enumerate(searches):
            state, words = states[g]
            log_probs, state = stepper.step(state, words)
            costs = _costs(taken, log_probs.shape, widths[g]) * beam.diversity if taken else None
            rows, words, ended = search.extend(log_probs, costs, t)
            states[g] = chosen(state, rows), words
            taken.append(np.column_stack([words.reshape(len(features), widths[g]), ended]))
    best = [
        _ranked([c for s in searches for c in _ranked(s.captions(i), beam)[: s.width]], beam)[: beam.width]
        for i in range(len(features))
    ]
    return with_attention(model, features, best)


class _Search:
    """The beams of one group over all pictures: (N, w) sums, with each beam's words so far."""

    def __init__(self, pictures: int, width: int, max_length: int) -> None:
        self.pictures, self.width = pictures, width
        self.total = np.full((pictures, width), float(NEVER))
        self.total[:, 0] = 0  # all beams start alike: only the first counts
        self.tokens = np.zeros((pictures, width, max_length), np.int64)
        self.log_probs = np.zeros((pictures, width, max_length))
        self.finished: list[list[Caption]] = [[] for _ in range(pictures)]
        self.length = 0

    def extend(self, log_probs: Array, costs: Array | None, t: int) -> tuple[Array, Array, Array]:
        """Take the best `width` continuations of every picture: the rows that they come from, their words, and for each
        picture <END> if a caption has ended here, else <NULL>."""
        n, w, v = self.pictures, self.width, log_probs.shape[1]
        own = log_probs.reshape(n, w, v)
        keep = min(2 * w, w * v)  # enough that `width` stay alive although as many may end
        ranking = (self.total[:, :, None] + (own if costs is None else own - costs.reshape(n, w, v))).reshape(n, -1)
        best = np.argpartition(-ranking, keep - 1, axis=1)[:, :keep] if keep < w * v else np.argsort(-ranking, axis=1)
        best = np.take_along_axis(best, np.argsort(-np.take_along_axis(ranking, best, axis=1), axis=1, kind="stable"), 1)
        source, word = best // v, best % v
        gain = np.take_along_axis(own.reshape(n, -1), best, axis=1)
        total = np.take_along_axis(self.total, source, axis=1) + gain
        parents, words, ended = np.zeros((n, w), int), np.full((n, w), END), np.full(n, NULL)
        tokens, logs = self.tokens.copy(), self.log_probs.copy()
        new_total = np.full((n, w), float(NEVER))
        for i in range(n):
            alive = 0
            for rank in range(keep):
                if alive == w or total[i, rank] < NEVER / 2:
                    break
                s = source[i, rank]
                if word[i, rank] == END:
                    if rank < w:
                        told = (*map(int, self.tokens[i, s, :t]), END)
                        logs_told = (*map(float, self.log_probs[i, s, :t]), float(gain[i, rank]))
                        self.finished[i].append(Caption(told, logs_told))
                        ended[i] = END
                    continue
                parents[i, alive], words[i, alive], new_total[i, alive] = s, word[i, rank], total[i, rank]
                tokens[i, alive], logs[i, alive] = self.tokens[i, s], self.log_probs[i, s]
                tokens[i, alive, t], logs[i, alive, t] = word[i, rank], gain[i, rank]
                alive += 1
        self.tokens, self.log_probs, self.total, self.length = tokens, logs, new_total, t + 1
        return (np.arange(n)[:, None] * w + parents).ravel(), words.ravel(), ended

    @property
    def done(self) -> bool:
        """Every picture has as many finished captions as there are beams."""
        return all(len(f) >= self.width for f in self.finished)

    def captions(self, picture: int) -> list[Caption]:
        """The finished captions, and unfinished ones where there are fewer than `width`."""
        found = list(self.finished[picture])
        for k in range(self.width):
            if len(found) < self.width and self.total[picture, k] > NEVER / 2:
                row, logs = self.tokens[picture, k, : self.length], self.log_probs[picture, k, : self.length]
                found.append(Caption(tuple(map(int, row)), tuple(map(float, logs))))
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
