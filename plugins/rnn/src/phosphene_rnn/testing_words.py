"""What steps of words, speech and beam search in one go promise of every cell on the engine; part of `testing.check_cell`."""

from typing import Any

import numpy as np

from phosphene_core.layer import Array, Params
from phosphene_core.testing.contract import compare, require
from phosphene_rnn.cell_layer import CellLayer
from phosphene_rnn.word_steps import WordSteps


def check_word_steps(layer: CellLayer, params: Params, state: tuple[Array, ...], rng: Any) -> None:
    """Steps of words with their scores, planned once, are the layer's steps and a product."""
    dtype, close = params["Wx"].dtype, 1e-5 if params["Wx"].dtype == np.float32 else 1e-12
    vectors, w, bias = (rng.standard_normal(s).astype(dtype) for s in ((5, len(params["Wx"])), (layer.hidden, 37), (37,)))
    steps, count, now = WordSteps.of(layer, params, vectors, w, bias), len(state[0]), state
    for parents in (None, np.arange(count)[::2], np.repeat(np.arange((count + 1) // 2), 2)):
        before = now if parents is None else tuple(s[parents] for s in now)
        words = rng.integers(0, 5, len(before[0]))
        h, want = layer.step(params, layer.project(params, vectors[words]), before)
        scores, now = steps.step(words, now, parents)
        for a, b in zip((scores, *now), (h @ w + bias, *want), strict=True):
            compare(a, b, "a step of words", close)
    if count:
        many = tuple(np.repeat(s, 80 // count + 1, axis=0) for s in state)
        check_speech(layer, params, many, rng)
        check_search(layer, params, tuple(s[:40] for s in many), rng)


def check_speech(layer: CellLayer, params: Params, state: tuple[Array, ...], rng: Any) -> None:
    """What is said in one go is the likeliest word at every step, with its log-probability; ended sequences say no more."""
    dtype, close = params["Wx"].dtype, 1e-4 if params["Wx"].dtype == np.float32 else 1e-10
    vectors, w, bias = (rng.standard_normal(s).astype(dtype) for s in ((37, len(params["Wx"])), (layer.hidden, 37), (37,)))
    words, steps = rng.integers(0, 37, len(state[0])), WordSteps.of(layer, params, vectors, w, bias)
    if (said := steps.speak(words, state, 6, end=3)) is None:
        return
    now, going = state, np.ones(len(words), bool)
    for token, log_prob in zip(*(a.T for a in said), strict=True):
        h, now = layer.step(params, layer.project(params, vectors[words]), now)
        scores = (h @ w + bias).astype(np.float64)
        share = scores - np.log(np.exp(scores - scores.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True))
        share -= scores.max(axis=1, keepdims=True)
        own = np.take_along_axis(share, token[:, None], axis=1)[:, 0]
        compare(np.where(going, log_prob, 0), np.where(going, own, 0), "the log-probability of what is said", close)
        require(bool(np.all((own >= share.max(axis=1) - close) | ~going)), "what is said is not the likeliest")
        require(bool(np.all(going | ((token == 3) & (log_prob == 0)))), "who has ended says more")
        words, going = token, going & (token != 3)


def check_search(layer: CellLayer, params: Params, state: tuple[Array, ...], rng: Any) -> None:
    """Beam search in one go finds what it finds step by step, sequence by sequence, in float64."""
    params, state = {k: v.astype(np.float64) for k, v in params.items()}, tuple(s.astype(np.float64) for s in state)
    vectors, w, bias = (rng.standard_normal(s) for s in ((37, len(params["Wx"])), (layer.hidden, 37), (37,)))
    bias[:2], bias[3] = -1e9, bias[3] + rng.uniform(0, 4)  # two words never come, one ends
    words, steps = rng.integers(0, 37, len(state[0])), WordSteps.of(layer, params, vectors, w, bias)
    for width in (1, 4):
        found = steps.search(words, state, width, 5, end=3, never=-5e8)
        for n in range(0, 40, 20):
            if found is None:
                break
            one = tuple(s[n : n + 1] for s in state)
            want = plain_search(layer, params, (vectors, w, bias), int(words[n]), one, width)
            got = [(t[:k].tolist(), p[:k]) for k, t, p in zip(*(a[n] for a in found), strict=True) if k]
            require([t for t, _ in got] == [t for t, _ in want], "a search in one go finds other sentences")
            for (_, a), (_, b) in zip(got, want, strict=True):
                compare(a, np.array(b), "the log-probabilities of what a search finds", 1e-9)


def plain_search(
    layer: CellLayer, params: Params, words: tuple[Array, Array, Array], word: int, state: tuple[Array, ...], width: int
) -> list[tuple[list[int], list[float]]]:
    """Beam search of five words as a textbook has it: sentences that have ended, in their order, then unfinished ones."""
    (vectors, w, bias), ended = words, list[Any]()
    beams: list[Any] = [([word], [], state)]
    for _ in range(5):
        every = []
        for said, ps, before in beams:
            h, after = layer.step(params, layer.project(params, vectors[said[-1:]]), before)
            scores = (h @ w + bias)[0]
            shares = scores - scores.max() - np.log(np.exp(scores - scores.max()).sum())
            every += [([*said, v], [*ps, share], after) for v, share in enumerate(shares) if share > -5e8]
        every.sort(key=lambda beam: -sum(beam[1]))
        ended += [beam for beam in every[:width] if beam[0][-1] == 3]
        beams = [beam for beam in every if beam[0][-1] != 3][:width]
        if len(ended) >= width:
            beams = []
            break
    return [(said[1:], ps) for said, ps, _ in ended + beams[: max(0, width - len(ended))]]
