"""What every cell on the engine promises; for the tests of any plugin that brings one."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import numpy as np

from phosphene_core import Need, Pass
from phosphene_core.layer import Array, Params
from phosphene_core.lookup import table_gradient
from phosphene_core.testing.contract import compare, require
from phosphene_rnn.cell_layer import CellLayer
from phosphene_rnn.engine import use_twins
from phosphene_rnn.word_steps import WordSteps

Definition = Callable[[Params, Array, tuple[Array, ...]], tuple[Array, ...]]
"""One step of one sequence as a paper writes it: (params, x (D,), state of (H,)) -> the next state."""


def plain_loop(step: Definition, params: Params, x: Array, state: tuple[Array, ...], lengths: Array) -> Array:
    """h (N, T, H) by the definition, in float64, sequence by sequence and step by step."""
    params = {k: np.asarray(v, np.float64) for k, v in params.items()}
    h = np.zeros((*x.shape[:2], state[0].shape[1]))
    for n, length in enumerate(lengths):
        now = tuple(np.asarray(s[n], np.float64) for s in state)
        for t in range(length):
            now = step(params, np.asarray(x[n, t], np.float64), now)
            h[n, t] = now[0]
    return h


def check_cell(
    layer: CellLayer, step: Definition, *, sequences: int, steps: int, width: int, ragged: bool, dtype: Any, seed: int
) -> None:
    """Hold a cell, on random data of this size, to its definition: whole sequences and single steps agree with it,
    kernels with twins in outputs and all gradients, every `need` with every other; the steps that a sequence does not
    have are never looked at. `ContractError` says what fails."""
    rng = np.random.default_rng(seed)
    params, _ = layer.init(rng, ((steps, width), (layer.hidden,)))
    params = {k: (v + 0.1 * rng.standard_normal(v.shape)).astype(dtype) for k, v in params.items()}
    x, dy = (rng.standard_normal((sequences, steps, w)).astype(dtype) for w in (width, layer.hidden))
    state = tuple(rng.standard_normal((sequences, layer.hidden)).astype(dtype) for _ in layer.cell.states)
    lengths = rng.integers(0, steps + 1, sequences) if ragged else np.full(sequences, steps)
    absent = np.arange(steps) >= lengths[:, None]
    want = plain_loop(step, params, x, state, lengths)
    x[absent], dy[absent] = np.nan, np.nan
    inputs = (x, state, lengths) if ragged else (x, state)
    close, exact = (1e-5, 1e-12) if np.dtype(dtype) == np.float32 else (1e-12, 1e-12)

    y, backward = layer.forward(params, inputs, Pass(need=Need.BOTH))
    compare(y, want, "h", close)
    require(y.dtype == np.dtype(dtype), f"h came out as {y.dtype}")
    (dx, dstate, *_), grads = backward(dy)
    with use_twins():
        y2, backward2 = layer.forward(params, inputs, Pass(need=Need.BOTH))
        (dx2, dstate2, *_), grads2 = backward2(dy)
    compare(y, y2, "the kernels' h beside the twin's", close)
    pairs = [
        ("x", dx, dx2),
        *((f"the first {s}", a, b) for s, a, b in zip(layer.cell.states, dstate, dstate2, strict=True)),
    ]
    for what, a, b in [*pairs, *((k, grads[k], grads2[k]) for k in params)]:
        compare(a, b, f"the kernels' gradient of {what} beside the twin's", close)
    for a, b in zip((dx, *dstate, *grads.values()), _flat(backward(dy)), strict=True):
        require(np.array_equal(a, b), "a second way back over the same run gave other gradients")
    for need in (Need.NOTHING, Need.INPUT, Need.PARAMS):
        y3, backward3 = layer.forward(params, inputs, Pass(need=need))
        compare(y3, y, f"h with need={need}", exact)
        if need == Need.INPUT:
            compare(backward3(dy)[0][0], dx, "the gradient of x alone", exact)
        elif need == Need.PARAMS:
            compare(backward3(dy)[1]["Wh"], grads["Wh"], "the gradient of Wh alone", exact)
    check_words(layer, params, state, lengths, rng)
    if not ragged:
        for quick in (params, layer.prepared(params)):
            now = state
            for t in range(steps):
                h, now = layer.step(quick, layer.project(quick, x[:, t]), now)
                compare(h, want[:, t], f"h of step {t} on its own", close)
        check_rows(layer, params, state, rng)
        check_word_steps(layer, params, state, rng)


def check_words(layer: CellLayer, params: Params, state: tuple[Array, ...], lengths: Array, rng: Any) -> None:
    """Words of a table give what their vectors give, in either engine, in values and in all gradients."""
    dtype, steps = params["Wx"].dtype, int(lengths.max(initial=0))
    table = rng.standard_normal((6, len(params["Wx"]))).astype(dtype)
    words = rng.integers(1, 5, (len(lengths), steps))
    dy = rng.standard_normal((len(lengths), steps, layer.hidden)).astype(dtype)
    close = 1e-5 if dtype == np.float32 else 1e-12
    h, back = layer.forward(params, (table[words], state, lengths), Pass(need=Need.BOTH))
    (dx, dstate, _), grads = back(dy)
    there = np.arange(steps) < lengths[:, None]
    want = table_gradient(words[there], dx[there], len(table))
    for engine in (nullcontext, use_twins):
        with engine():
            h2, back2 = layer.forward_words(params, (table, words, state, lengths), Pass(need=Need.BOTH))
            (dtable, dwords, dstate2, _), grads2 = back2(dy)
        require(dwords is None, "words have no gradient")
        compare(h2, h, "h of words", close)
        compare(dtable, want, "the gradient of the words' table", close)
        for a, b in zip(dstate2, dstate, strict=True):
            compare(a, b, "the gradient of the first state, of words", close)
        for name in params:
            compare(grads2[name], grads[name], f"the gradient of {name}, of words", close)


def check_rows(layer: CellLayer, params: Params, state: tuple[Array, ...], rng: Any) -> None:
    """Steps that read rows of a table, several from one state, are the steps of these rows and states, in either engine."""
    count = len(state[0])
    projected = rng.standard_normal((5, params["Wx"].shape[1])).astype(params["Wx"].dtype)
    parents = rng.integers(0, count, 2 * count) if count else np.zeros(0, np.intp)
    rows, close = rng.integers(0, 5, len(parents)), 1e-5 if projected.dtype == np.float32 else 1e-12
    _, want = layer.step(params, projected[rows], tuple(s[parents] for s in state))
    _, alone = layer.step(params, projected[rows[:count]], state)
    for engine in (nullcontext, use_twins):
        with engine():
            for quick in (params, layer.prepared(params)):
                h, found = layer.step_rows(quick, projected, rows, state, parents)
                _, straight = layer.step_rows(quick, projected, rows[:count], state)
                require(h is found[0], "h is not the state's first array")
                for a, b, c, d in zip(found, want, straight, alone, strict=True):
                    compare(a, b, "a step from shared states", close)
                    compare(c, d, "a step of rows", close)


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


def _flat(result: Any) -> list[Array]:
    (dx, dstate, *_), grads = result
    return [dx, *dstate, *grads.values()]
