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
from phosphene_rnn.testing_words import check_word_steps

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


def _flat(result: Any) -> list[Array]:
    (dx, dstate, *_), grads = result
    return [dx, *dstate, *grads.values()]
