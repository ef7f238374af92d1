"""Chains and traces: what goes up, and every way back."""

import numpy as np
import pytest

from phosphene_core import Chain, Need, NotFoundError, Pass, ShapeError, Trace
from phosphene_core.layer import no_backward
from phosphene_core.testing import check_layer, tiny_classifier
from phosphene_core.testing.tiny import Mix, Read, Rectify


@pytest.fixture
def chain():
    return Chain({"one": Mix(3), "two": Chain({"mix": Mix(4), "relu": Rectify()}), "three": Read(5)})


@pytest.fixture
def setting(chain):
    rng = np.random.default_rng(0)
    params, shape = chain.init(rng, (2, 6, 5))
    assert shape == (5,)
    return {k: v.astype(float) for k, v in params.items()}, rng.standard_normal((2, 2, 6, 5))


def test_a_chain_is_a_layer(chain):
    check_layer(chain, np.random.default_rng(0).standard_normal((2, 2, 4, 4)))


def test_parameters_have_dotted_names(chain, setting):
    assert set(setting[0]) == {"one.W", "two.mix.W", "three.W"}


@pytest.mark.parametrize("to", ["input", "one", "two"])
def test_seeds_anywhere_flow_to_anywhere_below(chain, setting, to):
    """The gradient of a sum over two activations, against central differences from the activation asked for."""
    params, x = setting
    trace = Trace(chain, params, x, Pass(need=Need.INPUT))
    rng = np.random.default_rng(1)
    seeds = {n: rng.standard_normal(trace[n].shape) for n in ("two", "three")}
    gradient, grads = trace.backward(seeds, to=to)
    assert not grads
    start = trace[to]
    direction = rng.standard_normal(start.shape)
    rest = Chain([p for p in chain.layers if trace.names.index(p[0]) > trace.names.index(to)])

    def value(a):
        again = Trace(rest, params, a, Pass(need=Need.NOTHING))
        found = {n: again[n] if n in again and n != to else a for n in seeds}
        return sum(float((found[n] * seeds[n]).sum()) for n in seeds)

    numeric = (value(start + 1e-6 * direction) - value(start - 1e-6 * direction)) / 2e-6
    assert numeric == pytest.approx(float((gradient * direction).sum()), rel=1e-6)


def test_a_trace_stops_where_it_is_told(chain, setting):
    trace = Trace(chain, *setting, Pass(need=Need.INPUT), upto="two")
    assert trace.names == ["input", "one", "two"]
    with pytest.raises(NotFoundError, match="there are: input, one, two"):
        trace["three"]


def test_wrong_seeds_are_refused(chain, setting):
    trace = Trace(chain, *setting, Pass())
    with pytest.raises(ShapeError, match="lies below"):
        trace.backward({"one": trace["one"]}, to="two")
    with pytest.raises(ShapeError, match="the activation has"):
        trace.backward({"one": np.ones((1, 2))})
    with pytest.raises(NotFoundError, match="did you mean 'three'"):
        trace.backward({"thre": np.ones(3)})


def test_image_gradients_pay_for_no_weight_gradients(chain, setting):
    trace = Trace(chain, *setting, Pass(need=Need.INPUT))
    assert trace.backward({"three": np.ones((2, 5))})[0].shape == setting[1].shape


def test_a_pass_without_gradients_says_so(chain, setting):
    _, backward = chain.forward(*setting, Pass(need=Need.NOTHING))
    assert backward is no_backward
    with pytest.raises(RuntimeError, match="need"):
        backward(np.ones((2, 5)))


def test_replace_makes_a_twin_inside_too(chain):
    twin = chain.replace(lambda layer: Mix(9) if isinstance(layer, Mix) else layer)
    assert twin["two"]["mix"] == Mix(9)
    assert chain["two"]["mix"] == Mix(4)


@pytest.mark.parametrize("names", [["a", "a"], ["a.b"], ["input"], [""]])
def test_names_are_plain(names):
    with pytest.raises(ShapeError):
        Chain([(n, Rectify()) for n in names])


def test_many_threads_share_one_model():
    from concurrent.futures import ThreadPoolExecutor

    model = tiny_classifier()
    images = np.random.default_rng(0).standard_normal((8, 3, 12, 12)).astype(np.float32)

    def gradient(i):
        trace = model.trace(images[i : i + 1])
        return trace.backward({"scores": np.ones((1, 5), np.float32)})[0]

    alone = [gradient(i) for i in range(8)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(gradient, range(8)))
    assert all(np.array_equal(a, b) for a, b in zip(alone, together, strict=True))


def test_a_last_way_back_lets_go_of_what_it_passed(chain, setting):
    params, x = setting
    kept, used = (Trace(chain, params, x, Pass(need=Need.BOTH)) for _ in range(2))
    seeds = {"three": np.ones_like(kept["three"])}
    dx, grads = used.backward(seeds, last=True)
    wanted, others = kept.backward(seeds)
    np.testing.assert_array_equal(dx, wanted)
    assert grads.keys() == others.keys()
    kept.backward(seeds)
    with pytest.raises(RuntimeError, match="used up"):
        used.backward({"three": np.ones((2, 5))})
