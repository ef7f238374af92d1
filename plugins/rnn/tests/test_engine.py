"""What the engine promises beside the right numbers: no work and no memory that nobody asked for, the same bits every time,
clear errors, and kernels that are right on every instruction set."""

import threading
import tracemalloc
from typing import Any

import numpy as np
import pytest

from phosphene_core import Need, Pass, ShapeError
from phosphene_core.threads import use_threads
from phosphene_rnn import VanillaRNN, sigmoid, use_twins
from phosphene_rnn.engine import kernels, products_engine
from phosphene_rnn.numpy_engine import NumpyEngine
from phosphene_rnn.room import room, shelf
from phosphene_rnn.testing import check_cell

compiled = pytest.mark.skipif(kernels() is None, reason="no compiled kernels here")
RNG = np.random.default_rng(3)


def problem(n: int, t: int, d: int, h: int, dtype: Any = np.float32) -> tuple[VanillaRNN, Any, Any, Any, Any]:
    layer = VanillaRNN(h)
    params = {k: v.astype(dtype) for k, v in layer.init(RNG, ((t, d), (h,)))[0].items()}
    return layer, params, *(RNG.standard_normal(s).astype(dtype) for s in ((n, t, d), (n, h), (n, t, h)))


@pytest.fixture
def every_instruction_set() -> Any:
    """Calls a function once for each instruction set that runs here."""

    def each(check: Any) -> None:
        best = kernels().instruction_set()
        try:
            for name in ("base", "v3", "v4"):
                if kernels().use(name):
                    check()
        finally:
            kernels().use(best)

    return each


@compiled
@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
def test_activations_are_right_to_a_millionth(name: str, every_instruction_set: Any) -> None:
    sizes = np.concatenate([np.geomspace(1e-30, 86, 20_000), np.linspace(0, 12, 20_001)])
    x = np.concatenate([-sizes[::-1], sizes]).astype(np.float32)
    exact = (np.tanh if name == "tanh" else sigmoid)(x.astype(np.float64))

    def check() -> None:
        y = x.copy()
        kernels().apply(False, name, [y], y.size)
        np.testing.assert_allclose(y, exact, rtol=1e-6, atol=0)
        odd = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 200, -200], np.float32)
        kernels().apply(False, name, [odd], odd.size)
        low = -1.0 if name == "tanh" else 0.0
        half = 0.0 if name == "tanh" else 0.5
        np.testing.assert_allclose(odd, [np.nan, 1, low, half, half, 1, low], rtol=1e-7, atol=1e-37)
        double = x.astype(np.float64)
        kernels().apply(True, name, [double], double.size)
        np.testing.assert_allclose(double, exact, rtol=2e-15, atol=0)

    every_instruction_set(check)


@compiled
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_instruction_set_is_right(dtype: Any, every_instruction_set: Any) -> None:
    def definition(p: Any, x: Any, state: Any) -> Any:
        return (np.tanh(x @ p["Wx"] + state[0] @ p["Wh"] + p["b"]),)

    def check() -> None:
        for n, t, d, h in ((37, 5, 30, 70), (3, 4, 600, 33), (1, 2, 1, 1), (48, 22, 128, 160), (46, 11, 128, 160)):
            ragged = n not in (1, 46)
            check_cell(VanillaRNN(h), definition, sequences=n, steps=t, width=d, ragged=ragged, dtype=dtype, seed=n)

    every_instruction_set(check)


@compiled
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(("m", "k", "n"), [(300, 700, 90), (29, 257, 600), (1, 1, 1), (15, 0, 33), (700, 3, 1100)])
def test_large_products_are_blocked_without_loss(
    m: int, k: int, n: int, turned: bool, every_instruction_set: Any
) -> None:
    from phosphene_rnn.engine import engine_for
    from phosphene_rnn.vanilla import VANILLA

    a, b, bias = RNG.standard_normal((m, k)), RNG.standard_normal((k, n)), RNG.standard_normal(n)
    places = RNG.permutation(k if turned else m)

    def check() -> None:
        engine = engine_for(VANILLA, np.float64)
        given = np.ascontiguousarray(a.T) if turned else a
        shuffled = np.empty_like(given)
        shuffled[places] = given
        out, sums = np.full((m, n), np.nan), np.full(n, np.nan)
        packed, how = engine.pack(b, [slice(0, n)]), {"a_places": places, "turned": turned}
        engine.product(out, shuffled, packed, n, bias=bias, sums=sums, **how)
        np.testing.assert_allclose(out, a @ b + bias, rtol=0, atol=1e-11)
        np.testing.assert_allclose(sums, b.sum(axis=0), rtol=0, atol=1e-11)
        engine.product(out, shuffled, packed, n, add=True, **how)
        np.testing.assert_allclose(out, 2 * (a @ b) + bias, rtol=0, atol=1e-11)
        if not turned:
            inside = engine.panels(m, 1, n, np.float64)
            engine.product(inside, shuffled, packed, n, bias=bias, **how)
            back, right = RNG.standard_normal((9, n)), np.full((m, 9), np.nan)
            engine.product(
                right, inside, engine.pack(back, [slice(0, n)], turned=True), 9, a_units=n, out_places=places
            )
            np.testing.assert_allclose(right[places], (a @ b + bias) @ back.T, rtol=0, atol=1e-9)

    every_instruction_set(check)


@compiled
@pytest.mark.parametrize("rows", [0, 10_000])
@pytest.mark.parametrize(("depth", "units"), [(96, 96), (64, 128), (128, 64), (50, 64), (64, 50)])
def test_packed_weights_are_turned_as_if_from_the_matrix(depth: int, units: int, rows: int, every_instruction_set: Any) -> None:
    w = RNG.standard_normal((depth, 3 * units))
    gates = [slice(units, 2 * units), slice(0, units)]

    def check() -> None:
        engine = products_engine(np.float64)
        want = engine.pack(w, gates, turned=True, rows=0)
        got = engine.pack(w, gates, turned=True, rows=rows, packed=engine.pack(w, gates, rows=rows))
        whole = depth // want.shape[-1]  # what a last panel lacks is anything
        np.testing.assert_array_equal(got[:whole], want[:whole])

    every_instruction_set(check)


@compiled
@pytest.mark.parametrize(("turned", "rows"), [(False, 0), (False, 10_000), (True, 0)])
def test_seven_products_for_eight_keep_their_precision(turned: bool, rows: int, every_instruction_set: Any) -> None:
    """Whether weights are combined at once, or when they are packed."""
    from phosphene_rnn.products import Packed, weight_gradient

    a, b = RNG.standard_normal((150, 1424), np.float32), RNG.standard_normal((1424, 330), np.float32)
    exact = a.astype(np.float64) @ b

    def check() -> None:
        for threads in (1, 3):
            with use_threads(threads):
                got = weight_gradient(a.T.copy(), b)[0] if turned else Packed.of(b, rows=rows).times(a)
            np.testing.assert_allclose(got, exact, rtol=0, atol=3e-6 * np.abs(exact).max())
            if threads == 1:
                first = got
        assert np.array_equal(first, got), "the same bits for any number of threads"

    every_instruction_set(check)


@compiled
def test_seven_products_for_eight_can_be_turned_off() -> None:
    from phosphene_rnn.products import Packed

    a, b = RNG.standard_normal((150, 1024), np.float32), RNG.standard_normal((1024, 330), np.float32)
    exact = a.astype(np.float64) @ b
    errors = [np.sqrt(np.mean((Packed.of(b, strassen=s).times(a) - exact) ** 2)) for s in (True, False)]
    assert errors[1] < errors[0] < 4 * errors[1]
    layer, params, x, h0, _ = problem(64, 9, 128, 256)
    exact_h = layer.forward({k: v.astype(np.float64) for k, v in params.items()}, (x.astype(np.float64), h0), Pass())[0]
    errors = [
        np.sqrt(np.mean((VanillaRNN(256, strassen=s).forward(params, (x, h0), Pass())[0] - exact_h) ** 2)) for s in (True, False)
    ]
    assert errors[1] < errors[0] < 4 * errors[1]


def test_sequences_cost_only_the_steps_that_they_have(monkeypatch: pytest.MonkeyPatch) -> None:
    layer, params, x, h0, dy = problem(6, 9, 4, 5)
    lengths = np.array([3, 9, 0, 1, 5, 5])
    products: list[int] = []
    step = NumpyEngine.step

    def counted(self: Any, leg: Any, *rest: Any) -> None:
        products.append(rest[-1])
        step(self, leg, *rest)

    monkeypatch.setattr(NumpyEngine, "step", counted)
    with use_twins():
        _, backward = layer.forward(params, (x, h0, lengths), Pass())
        assert sum(products) == lengths.sum()
        assert len(products) == 9
        backward(dy)
        assert sum(products) == 3 * lengths.sum()  # the gradient of x has a product of its own


def test_prediction_keeps_nothing() -> None:
    layer, params, x, h0, _ = problem(8, 400, 16, 64)
    output = 8 * 400 * 64 * 4
    peaks = {}
    for need in (Need.NOTHING, Need.BOTH):
        layer.forward(params, (x, h0), Pass(need=need))
        shelf.clear()
        tracemalloc.start()
        kept = layer.forward(params, (x, h0), Pass(need=need))
        peaks[need] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        del kept
    assert peaks[Need.NOTHING] < output + 600_000
    assert peaks[Need.BOTH] < output + 700_000  # the vanilla cell needs but h itself for the way back


@compiled
def test_the_same_bits_for_any_number_of_threads() -> None:
    layer, params, x, h0, dy = problem(33, 7, 300, 100)

    def results() -> list[Any]:
        y, backward = layer.forward(params, (x, h0, np.arange(33) % 8), Pass())
        (dx, dh0, _), grads = backward(dy)
        return [y, dx, dh0, *grads.values()]

    with use_threads(1):
        first = results()
    for count in (1, 2, 3, 7):
        with use_threads(count):
            for a, b in zip(first, results(), strict=True):
                assert np.array_equal(a, b)


@compiled
@pytest.mark.parametrize("rows", [299, 349, 377, 399, 449, 485, 515, 539, 593, 627])
def test_what_threads_write_in_place_does_not_reach_into_each_others_rows(rows: int) -> None:
    """Tiles of two heights meet where one thread's rows end and another's begin: so many words are multiplied."""
    layer, params, _, h0, _ = problem((rows + 3) // 4, 4, 128, 256)
    table, words = RNG.standard_normal((rows, 128), np.float32), np.arange(len(h0) * 4).reshape(-1, 4) % rows

    def states() -> Any:
        return layer.forward_words(params, (table, words, h0, np.full(len(h0), 4)), Pass(need=Need.NOTHING))[0]

    with use_twins():
        want = states().copy()
    with use_threads(2):
        for _ in range(4):
            np.testing.assert_allclose(states(), want, rtol=0, atol=1e-4)


def test_memory_is_used_again_once_nobody_holds_it() -> None:
    shelf.clear()
    one = room((300, 400), np.float32)
    place = one.ctypes.data
    assert place % 64 == 0
    one[...] = 7
    view = one[1:, 2:]
    del one
    other = room((300, 400), np.float32)
    other[...] = 8
    assert (view == 7).all(), "a view holds its memory"
    del view, other
    both = [room((400, 300), np.float32) for _ in range(2)]
    assert place in {array.ctypes.data for array in both}
    many = [room((1 << 24,), np.uint8) for _ in range(8)]
    del many
    assert shelf.kept == sum(size * len(own) for size, own in shelf.memory.items()) <= shelf.most
    assert room((0, 5), np.float64).shape == (0, 5)


def test_python_threads_may_call_at_once() -> None:
    layer, params, x, h0, _ = problem(20, 5, 60, 90)
    want = layer.forward(params, (x, h0), Pass())[0]
    wrong: list[int] = []

    def call(number: int) -> None:
        for _ in range(20):
            if not np.array_equal(layer.forward(params, (x, h0), Pass())[0], want):
                wrong.append(number)

    workers = [threading.Thread(target=call, args=(i,)) for i in range(4)]
    for w in workers:
        w.start()
    for w in workers:
        w.join()
    assert not wrong


@pytest.mark.parametrize("twins", [False, True], ids=["kernels", "twins"])
def test_arrays_may_lie_anyhow(twins: bool) -> None:
    layer, params, x, h0, dy = problem(5, 4, 6, 7)

    def results(change: Any) -> list[Any]:
        y, backward = layer.forward({k: change(v) for k, v in params.items()}, (change(x), change(h0)), Pass())
        (dx, dh0), grads = backward(change(dy))
        return [y, dx, dh0, *grads.values()]

    def misaligned(a: Any) -> Any:
        room = np.empty(a.nbytes + 1, np.uint8)[1:].view(a.dtype).reshape(a.shape)
        room[...] = a
        return room

    def frozen(a: Any) -> Any:
        a = a.copy()
        a.flags.writeable = False
        return a

    with use_twins() if twins else use_threads(2):
        want = results(lambda a: a)
        for change in (lambda a: a.T.copy().T, lambda a: np.repeat(a, 2, axis=-1)[..., ::2], lambda a: a[::-1].copy()[::-1],
                       misaligned, frozen):  # fmt: skip
            for a, b in zip(want, results(change), strict=True):
                assert np.array_equal(a, b)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"x": (5, 4, 7)}, r"x must be \(N, T, 6\), not \(5, 4, 7\)"),
        ({"x": (5, 6)}, r"x must be \(N, T, 6\)"),
        ({"h0": (5, 6)}, r"the state must be h, each \(5, 7\)"),
        ({"h0": (4, 7)}, r"the state must be h, each \(5, 7\)"),
        ({"lengths": np.array([1, 2, 3])}, r"one integer for each of the 5 sequences"),
        ({"lengths": np.array([1.0, 2, 3, 4, 4])}, r"not float64"),
        ({"lengths": np.array([1, 2, 3, 4, 5])}, r"from 0 to 4, not 1 to 5"),
        ({"lengths": np.array([1, 2, -3, 4, 4])}, r"from 0 to 4, not -3 to 4"),
        ({"Wh": (7, 8)}, r"Wh \(7, 7\)"),
        ({"dtype": np.int64}, r"must be float32 or float64"),
        ({"dtype": np.complex64}, r"must be float32 or float64"),
    ],
)
def test_what_does_not_fit_is_said_in_a_line(change: dict[str, Any], words: str) -> None:
    layer, params, x, h0, _ = problem(5, 4, 6, 7)
    x = np.zeros(change.get("x", x.shape), change.get("dtype", np.float32))
    h0 = np.zeros(change.get("h0", h0.shape), np.float32)
    if "Wh" in change:
        params["Wh"] = np.zeros(change["Wh"], np.float32)
    if "dtype" in change:
        params = {k: v.astype(change["dtype"]) for k, v in params.items()}
    with pytest.raises(ShapeError, match=words):
        layer.forward(params, (x, h0, change.get("lengths")), Pass())


def test_a_gradient_of_another_shape_is_refused() -> None:
    layer, params, x, h0, dy = problem(5, 4, 6, 7)
    backward = layer.forward(params, (x, h0), Pass())[1]
    with pytest.raises(ShapeError, match=r"must be \(5, 4, 7\)"):
        backward(dy[:, :3])
