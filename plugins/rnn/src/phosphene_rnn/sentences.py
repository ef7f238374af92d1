"""Whole sentences on the compiled engine: each thread makes those of its own rows, from the first word to the last."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from phosphene_core.layer import Array
from phosphene_core.threads import threads
from phosphene_rnn.cell_layer import PACKED
from phosphene_rnn.compiled_engine import CompiledEngine
from phosphene_rnn.quarters import ENOUGH, quartered
from phosphene_rnn.room import room
from phosphene_rnn.step_plan import StepPlan

if TYPE_CHECKING:
    from phosphene_rnn.word_steps import WordSteps

State = tuple[Array, ...]


def speak(steps: WordSteps, engine: CompiledEngine, words: Array, state: State, length: int, end: int) -> tuple[Array, Array]:
    """See `WordSteps.speak`."""
    parts = _parts(len(words))
    for scores in _scores(steps, engine, 1):
        tokens, log_probs = np.full((len(words), length), end, np.intp), np.zeros((len(words), length))
        readings = [_reading(steps, engine, words[own], tuple(s[own] for s in state), 1) for own in parts]
        active = [np.arange(own.start, own.stop) for own in parts]
        if engine.kernels.speak(engine.double, readings, active, *scores, length, end, tokens, log_probs, threads()):
            break
    return tokens, log_probs


def search(
    steps: WordSteps, engine: CompiledEngine, words: Array, state: State, width: int, length: int, end: int, never: float
) -> tuple[Array, Array, Array]:
    """See `WordSteps.search`."""
    places, parts = (len(words), 2 * width), _parts(len(words))
    many = engine.strassen and len(words) * width * length >= ENOUGH
    fours = steps.fours if many and steps.shareable else None
    for scores in _scores(steps, engine, width + 1, many):
        lengths, tokens = np.zeros(places, np.intp), np.full((*places, length), end, np.intp)
        log_probs = np.zeros(tokens.shape)
        readings = [_reading(steps, engine, words[own], tuple(s[own] for s in state), width, fours) for own in parts]
        if engine.kernels.search(
            engine.double, readings, parts, *scores, width, length, end, never, lengths, tokens, log_probs, threads()
        ):  # fmt: skip
            break
    return lengths, tokens, log_probs


def _parts(rows: int) -> list[slice]:
    """Each thread's rows."""
    sharing = threads()
    return [slice(rows * part // sharing, rows * (part + 1) // sharing) for part in range(sharing)]


def _scores(steps: WordSteps, engine: CompiledEngine, count: int, many: bool = False) -> Iterator[tuple[Any, Array, int]]:
    """What multiplies h, a screen first, and a bias that keeps what the last panel has too much from ever being likeliest. `count`:
    how many likeliest words are asked for; `many`: of many rows."""
    panel, units = engine.kernels.sizes(engine.double)[1], steps.weights.shape[1]
    bias = np.full(-(-units // panel) * panel, -np.inf, steps.bias.dtype)
    bias[:units] = steps.bias
    if count <= panel and (screen := steps.screen) is not None:
        if many and screen.fours is None:
            screen.take_fours(quartered(engine.kernels, False, screen.panels, len(screen.panels), screen.panels.shape[1], whole=True))
        yield screen, bias, units
    yield steps.w.panels, bias, units


def _reading(steps: WordSteps, engine: CompiledEngine, words: Array, state: State, width: int, fours: Array | None = None) -> Any:
    """A thread's rows, which grow to `width` for each of `words`."""
    layer: Any = steps.layer
    shared, most, dtype = width > 1 and steps.shareable, len(words) * width, steps.table.dtype
    plan = StepPlan(engine, layer, steps.params, steps.table, shared)
    if not shared:
        plan.grow(most, dtype)
    states = tuple([room((most, layer.hidden), dtype) for _ in state] for _ in range(2))
    for mine, given in zip(states[0], state, strict=True):
        mine[: len(words)] = given
    read, parents = np.zeros(most, np.intp), np.arange(most)
    read[: len(words)] = words
    vectors, bias = (np.require(a, dtype, ("C", "A")) for a in (steps.vectors, steps.params["b"]))
    known = engine.kernels.Lexicon(vectors, steps.params[f"Wx.{PACKED}"], bias, steps.table, steps.known)
    weights, tiles = (steps.params[f"Wh.{PACKED}0"], None) if shared else (None, plan.tiles)
    return engine.kernels.Reading(engine.double, known, plan, states, read, parents, tiles, weights, fours, layer.hidden, engine.strassen)
