"""Questions about the recurrent cells: one step and sequences, forward and back."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from phosphene_assignment.asking import Asked, Failed
from phosphene_assignment.comparing import array, described, equal, true
from phosphene_assignment.reference import recurrent as reference
from phosphene_assignment.rubric import Check, Item, Judge, Question
from phosphene_core.layer import Array

RNN, LSTM = "rnn", "lstm"
MODULE = {RNN: "rnn_layers", LSTM: "lstm_layers"}
Inputs = tuple[Array, ...]
STEP = 1e-5
"""The step of central differences."""

LSTM_MISTAKES: dict[str, dict[str, Any]] = {
    "the gates stand in the order i, f, g, o": {"order": "ifgo"}, "the gates stand in the order f, i, o, g": {"order": "fiog"},
    "the gates stand in the order i, o, f, g": {"order": "iofg"}, "the forget gate has a bias of 1 added": {"forget_bias": 1.0},
}  # fmt: skip


def inputs(cell: str, rng: np.random.Generator, steps: int | None = None, batch: int | None = None) -> Inputs:
    """x, h (and c for one LSTM step), Wx, Wh, b; sizes differ from call to call and from each other."""
    n = batch or int(rng.integers(3, 6))
    d, h = (int(v) for v in rng.choice(np.arange(4, 9), 2, replace=False))
    x = rng.standard_normal((n, steps, d) if steps else (n, d))
    columns = h * (4 if cell == LSTM else 1)
    states = [rng.standard_normal((n, h)) for _ in range(2 if cell == LSTM and not steps else 1)]
    wx, wh = rng.standard_normal((d, columns)) / np.sqrt(d), rng.standard_normal((h, columns)) / np.sqrt(h)
    return x, *states, wx, wh, rng.standard_normal(columns) / 2


def _step(cell: str, *given: Array, **mistake: Any) -> tuple[Array, ...]:
    return reference.lstm_step(*given, **mistake) if cell == LSTM else (reference.rnn_step(*given),)


def _call_step(asked: Asked, cell: str, given: Inputs) -> Any:
    """What the student's step returns besides its cache."""
    return asked.call(f"{MODULE[cell]}.{cell}_step_forward", *given, keep=2 if cell == LSTM else 1)


def step_forward(cell: str, names: tuple[str, ...], points: tuple[float, ...], single: float) -> Question:
    def question(asked: Asked, rng: np.random.Generator) -> Judge:
        given, alone = inputs(cell, rng), inputs(cell, rng, batch=1)
        alone = tuple(10 * a for a in alone)  # far out, where a sigmoid that is written carelessly overflows
        came, _ = _call_step(asked, cell, given)
        came_alone, _ = _call_step(asked, cell, alone)

        def judge() -> Iterator[Check]:
            want = _step(cell, *given)
            mistakes = {m: _step(cell, *given, **how) for m, how in LSTM_MISTAKES.items()} if cell == LSTM else {}
            if cell == RNN:
                x, h, wx, wh, b = given
                mistakes = {"the bias is left out": _step(cell, x, h, wx, wh, 0 * b), "the tanh is left out": (x @ wx + h @ wh + b,)}
            for i, (name, worth) in enumerate(zip(names, points, strict=True)):
                suspects = {m: values[i] for m, values in mistakes.items()}
                yield equal(name, _nth(came, i, len(names)), want[i], worth, suspects)
            yield equal(f"{names[0]} for a batch of one, large numbers", _nth(came_alone, 0, len(names)), _step(cell, *alone)[0], single)

        return judge

    return question


def step_backward(cell: str, names: tuple[str, ...], points: tuple[float, ...], consistent: float) -> Question:
    def question(asked: Asked, rng: np.random.Generator) -> Judge:
        given = inputs(cell, rng)
        dnext = tuple(np.asarray(rng.standard_normal(given[1].shape)) for _ in range(len(names) - 4))
        _, cache = _call_step(asked, cell, given)
        came = asked.call(f"{MODULE[cell]}.{cell}_step_backward", *dnext, cache)
        slopes = _slopes(lambda *a: _call_step(asked, cell, a)[0], given, dnext, rng)

        def judge() -> Iterator[Check]:
            gradients: Callable[..., Inputs] = reference.lstm_step_gradients if cell == LSTM else reference.rnn_step_gradients
            want = gradients(*dnext, *given)
            mistakes = {"only dnext_h is taken back, not dnext_c": gradients(dnext[0], 0 * dnext[1], *given),
                        "dnext_h does not reach the cell state": gradients(0 * dnext[0], dnext[1], *given),
                        } if cell == LSTM else {}  # fmt: skip
            for i, (name, worth) in enumerate(zip(names, points, strict=True)):
                yield equal(name, _nth(came, i, len(names)), want[i], worth, {m: g[i] for m, g in mistakes.items()})
            yield agreement(f"{cell}_step_forward", came, names, given, slopes, consistent)

        return judge

    return question


def forward(cell: str, points: float, own: float) -> Question:
    def question(asked: Asked, rng: np.random.Generator) -> Judge:
        given = inputs(cell, rng, steps=int(rng.integers(4, 7)))
        (came,), _ = asked.call(f"{MODULE[cell]}.{cell}_forward", *given, keep=1)
        walked = _walked(asked, cell, given)

        def judge() -> Iterator[Check]:
            x, h0, *weights = given
            each = np.stack([reference.sequence(cell, x[:, t : t + 1], h0, *weights)[:, 0] for t in range(x.shape[1])], 1)
            suspects = {"every step starts from h0 again": each}
            if cell == LSTM:
                suspects["the cell state is not handed from step to step"] = _forgetful(*given)
                suspects["the first cell state is h0 and not zero"] = _full(*given)
            yield equal("h", came, reference.sequence(cell, *given), points, suspects)
            same = walked is not None and np.shape(walked) == np.shape(came) and np.allclose(walked, came, atol=1e-8)
            same = same and walked is not None and np.ptp(walked) > 1e-3  # a state that never changes agrees with anything
            yield true("step after step", bool(same), own, f"the same as calling {cell}_step_forward {x.shape[1]} times in a row",
                       "it is not" if walked is not None else f"{cell}_step_forward gave no state to go on from")  # fmt: skip

        return judge

    return question


def backward(cell: str, points: tuple[float, ...], consistent: float) -> Question:
    names = ("dx", "dh0", "dWx", "dWh", "db")

    def question(asked: Asked, rng: np.random.Generator) -> Judge:
        given = inputs(cell, rng, steps=int(rng.integers(3, 6)))

        def run(*values: Array) -> Any:
            return asked.call(f"{MODULE[cell]}.{cell}_forward", *values, keep=1)

        shape = (*given[0].shape[:2], given[1].shape[1])
        dh = rng.standard_normal(shape)
        cache = run(*given)[1]
        came = asked.call(f"{MODULE[cell]}.{cell}_backward", dh, cache)
        slopes = _slopes(lambda *a: run(*a)[0], given, (dh,), rng)

        def judge() -> Iterator[Check]:
            want = reference.sequence_gradients(cell, dh, *given)
            mistakes = {"no gradient is handed from a step to the one before": reference.sequence_gradients(cell, dh, *given, chained=False),
                        "only one step's gradient is kept, not the sum over all": reference.sequence_gradients(cell, dh, *given, summed=False)}  # fmt: skip
            for i, (name, worth) in enumerate(zip(names, points, strict=True)):
                yield equal(name, _nth(came, i, 5), want[i], worth, {m: g[i] for m, g in mistakes.items()})
            yield agreement(f"{cell}_forward", came, names, given, slopes, consistent)

        return judge

    return question


def agreement(function: str, came: Any, names: tuple[str, ...], given: Inputs, slopes: Any, points: float) -> Check:
    """Whether gradients are those of the student's own forward, whatever that computes: central differences along a random
    direction of every input."""
    name, expected = "gradient check", f"the gradient of your own {function}, by central differences"
    if isinstance(slopes, str):
        return true(name, False, points, expected, f"{function}: {slopes}")
    gradients = came if isinstance(came, tuple) else (came,)
    for i, (what, value, (direction, slope)) in enumerate(zip(names, given, slopes, strict=True)):
        own = array(_nth(gradients, i, len(names)), value.shape)
        if own is None:
            return true(name, False, points, expected, f"{what} is {described(_nth(gradients, i, len(names)))}")
        along = float((own * direction).sum())
        if abs(along - slope) > 1e-5 * max(1.0, abs(slope)):
            return true(name, False, points, expected, f"along a random direction {what} says {along:.6g}, the difference {slope:.6g}")
        if abs(slope) < 1e-12:
            return true(name, False, points, expected, f"{function} does not depend on {what[1:]} at all")
    return true(name, True, points, expected, "it is")


def _slopes(run: Callable[..., tuple[Any, ...]], given: Inputs, seeds: Inputs, rng: np.random.Generator) -> Any:
    """For every input a random direction, and the slope of the seeded outputs along it; or what went wrong."""
    out = []
    for i, value in enumerate(given):
        direction = rng.standard_normal(value.shape)
        totals = []
        for sign in (1, -1):
            moved = [*given[:i], value + sign * STEP * direction, *given[i + 1 :]]
            try:
                outputs = run(*moved)
            except (Failed, TypeError, ValueError) as error:
                return str(error)
            arrays = [array(o, s.shape) for o, s in zip(outputs, seeds, strict=False)]
            if len(outputs) < len(seeds) or any(a is None for a in arrays):
                return "it gives no numbers of the right shape"
            totals.append(sum(float((a * s).sum()) for a, s in zip(arrays, seeds, strict=True) if a is not None))
        out.append((direction, (totals[0] - totals[1]) / (2 * STEP)))
    return out


def _walked(asked: Asked, cell: str, given: Inputs) -> Array | None:
    """The states that the student's own step gives, one after the other."""
    x, h0, *weights = given
    states: list[Any] = [h0, np.zeros_like(h0)][: 2 if cell == LSTM else 1]
    out = []
    try:
        for t in range(x.shape[1]):
            values, _ = _call_step(asked, cell, (x[:, t], *states, *weights))
            states = [array(v, h0.shape) for v in values]
            if len(states) != (2 if cell == LSTM else 1) or any(s is None for s in states):
                return None
            out.append(states[0])
    except (Failed, ValueError):
        return None
    return np.stack(out, axis=1)


def _nth(values: Any, i: int, count: int) -> Any:
    """The i-th of the things that a function returned, if it returned as many as it should."""
    values = values if isinstance(values, tuple) else (values,)
    return values[i] if len(values) == count else values


def _forgetful(x: Array, h: Array, *weights: Array) -> Array:
    out = []
    for t in range(x.shape[1]):
        h, _ = reference.lstm_step(x[:, t], h, np.zeros_like(h), *weights)
        out.append(h)
    return np.stack(out, axis=1)


def _full(x: Array, h: Array, *weights: Array) -> Array:
    c, out = h, []
    for t in range(x.shape[1]):
        h, c = reference.lstm_step(x[:, t], h, c, *weights)
        out.append(h)
    return np.stack(out, axis=1)


ITEMS = (
    Item("rnn_step_forward", "rnn", 4, step_forward(RNN, ("next_h",), (3,), 1)),
    Item("rnn_step_backward", "rnn", 5, step_backward(RNN, ("dx", "dprev_h", "dWx", "dWh", "db"), (1, 1, 1, 1, 0.5), 0.5),
         ("rnn_step_forward",)),
    Item("rnn_forward", "rnn", 4, forward(RNN, 3, 1), ("rnn_step_forward",)),
    Item("rnn_backward", "rnn", 6, backward(RNN, (1, 1, 1, 1, 1), 1), ("rnn_step_forward", "rnn_step_backward", "rnn_forward")),
    Item("lstm_step_forward", "lstm", 6, step_forward(LSTM, ("next_h", "next_c"), (2.5, 2.5), 1)),
    Item("lstm_step_backward", "lstm", 8,
         step_backward(LSTM, ("dx", "dprev_h", "dprev_c", "dWx", "dWh", "db"), (1, 1, 1.5, 1, 1, 1), 1.5), ("lstm_step_forward",)),
    Item("lstm_forward", "lstm", 5, forward(LSTM, 4, 1), ("lstm_step_forward",)),
    Item("lstm_backward", "lstm", 8, backward(LSTM, (1.5, 1.5, 1.5, 1.5, 1), 1),
         ("lstm_step_forward", "lstm_step_backward", "lstm_forward")),
)  # fmt: skip
