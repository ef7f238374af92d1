"""How time grows with the work: twice the batch, the picture's area or the hidden size, on this machine.

    python tests/benchmarks/scaling.py [--rounds 15] [--plot docs/scaling.png]

Each row is one series; a step's ratio is at most 2.2 where the work doubles, 4.4 where it grows by four (hidden size). It
is the median over rounds of the ratio within a round, for a machine's pace changes from one to the next. A step that
starts below some milliseconds costs less: waking the threads is part of it. Arrays beyond 32 MiB, which glibc takes fresh
from the system each time, add a tenth or two to theirs (N=64 at stride 2).
"""

import argparse
import itertools
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from phosphene_cnn import CNN
from phosphene_conv import conv2d, conv2d_backward_data, conv2d_backward_weights
from phosphene_core.layer import Need, Pass
from phosphene_lstm import LSTM
from phosphene_optimizers import Adam

Work = Callable[[], object]
RNG = np.random.default_rng(0)


def convolution(images: int, height: int, width: int, stride: int) -> Work:
    x, w = RNG.standard_normal((images, 128, height, width), np.float32), RNG.standard_normal((128, 128, 3, 3), np.float32)
    dy = np.ones_like(conv2d(x, w, stride=stride, pad=1))

    def run() -> None:
        conv2d(x, w, stride=stride, pad=1)
        conv2d_backward_data(dy, w, x.shape, stride=stride, pad=1)
        conv2d_backward_weights(dy, x, w.shape, stride=stride, pad=1)

    return run


def training(images: int) -> Work:
    model, adam = CNN().initialized(RNG), Adam()
    params = dict(model.params)
    state = adam.start({k: v for k, v in params.items() if k not in model.buffers})
    batch = {"images": RNG.standard_normal((images, 3, 64, 64), np.float32), "labels": RNG.integers(0, 100, images)}
    run = Pass(train=True, rng=RNG, need=Need.PARAMS)
    return lambda: adam.update(params, model.loss(batch, run)[2], state)


def recurrence(hidden: int) -> Work:
    layer = LSTM(hidden)
    params: dict[str, Any] = layer.init(RNG, ((16, hidden), (hidden,)))[0]
    x, h0 = RNG.standard_normal((64, 16, hidden), np.float32), np.zeros((64, hidden), np.float32)

    def run() -> None:
        h, backward = layer.forward(params, (x, h0), Pass())
        backward(h)

    return run


SERIES: dict[str, tuple[float, dict[str, Callable[[], Work]]]] = {
    "convolution, batch": (2.2, {f"{n}": partial(convolution, n, 16, 16, 1) for n in (4, 8, 16, 32, 64)}),
    "convolution, stride 2, batch": (2.2, {f"{n}": partial(convolution, n, 32, 32, 2) for n in (2, 4, 8, 16, 32, 64, 128)}),
    "convolution, area": (
        2.2,
        {f"{h}x{w}": partial(convolution, 4, h, w, 1) for h, w in ((16, 16), (16, 32), (32, 32), (32, 64), (64, 64))},
    ),
    "training step, batch": (2.2, {f"{n}": partial(training, n) for n in (8, 16, 32, 64)}),
    "LSTM, hidden size": (4.4, {f"{n}": partial(recurrence, n) for n in (128, 256, 512, 1024)}),
}


def measured(rounds: int) -> Iterator[tuple[str, float, list[str], list[float], list[float]]]:
    """Of each series its name, bound and labels, the median seconds, and the steps between neighbours."""
    for name, (bound, cases) in SERIES.items():
        works = [make() for make in cases.values()]
        times: list[list[float]] = [[] for _ in works]
        for turn in range(rounds + 1):
            for work, series in zip(works, times, strict=True):
                begin = time.perf_counter()
                work()
                if turn:  # the first is a rehearsal
                    series.append(time.perf_counter() - begin)
        steps = [statistics.median(b / a for a, b in zip(*pair, strict=True)) for pair in itertools.pairwise(times)]
        yield name, bound, list(cases), [statistics.median(series) for series in times], steps


def plot(path: str, rows: list[tuple[str, float, list[str], list[float]]]) -> None:
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, len(rows), figsize=(3 * len(rows), 3), constrained_layout=True)
    for axis, (name, bound, labels, times) in zip(axes, rows, strict=True):
        places, growth = range(len(times)), bound / 1.1
        axis.plot(places, [times[0] * 1e3 * growth**i for i in places], ":", color="grey", label=f"times {growth:.0f} a step")
        axis.plot(places, [t * 1e3 for t in times], "o-", label="measured")
        axis.set_yscale("log", base=2)
        axis.yaxis.set_major_formatter("{x:g}")
        axis.set(title=name, xticks=list(places), xticklabels=labels)
        axis.legend(fontsize=7)
    axes[0].set_ylabel("milliseconds")
    figure.savefig(path, dpi=80)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--plot", help="a PNG to draw")
    chosen = parser.parse_args()
    rows = []
    for name, bound, labels, times, steps in measured(chosen.rounds):
        rows.append((name, bound, labels, times))
        print(f"{name:30s} {'  '.join(f'{k}: {t * 1e3:.2f} ms' for k, t in zip(labels, times, strict=True))}")
        print(f"{'':30s} steps {', '.join(f'{step:.2f}' for step in steps)} (at most {bound})", flush=True)
    if chosen.plot:
        plot(chosen.plot, rows)
