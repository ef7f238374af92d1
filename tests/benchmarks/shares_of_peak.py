"""How near the processor's peak the nine convolutions of the TinyImageNet CNN come: forward and each way back.

    python tests/benchmarks/shares_of_peak.py [--images 32] [--rounds 15] [name]

The peak is what numpy's product of two 2048 x 2048 matrices reaches in this process, before and after a layer's turns: not
between them, for BLAS' threads go on spinning for some milliseconds. Minimal filtering (3 x 3) counts the operations of
the definition, so it may pass 100%. The last line takes all layers together.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
from conv_vs_torch import LAYERS

from phosphene_conv import conv2d, conv2d_backward_data, conv2d_backward_weights
from phosphene_core.threads import threads, use_threads

SIDE = 2048
PASSES = ("forward", "backward for data", "backward for weights")
Work = Callable[[], object]


def works(images: int, layer: int) -> tuple[list[Work], float]:
    """The three passes of a layer, and the floating-point operations of each."""
    channels, side, filters, size, stride, pad = LAYERS[layer - 1]
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((images, channels, side, side), np.float32), rng.standard_normal((filters, channels, size, size), np.float32)
    b = rng.standard_normal(filters, np.float32)
    dy = np.ones_like(conv2d(x, w, b, stride=stride, pad=pad))
    return [
        lambda: conv2d(x, w, b, stride=stride, pad=pad),
        lambda: conv2d_backward_data(dy, w, x.shape, stride=stride, pad=pad),
        lambda: conv2d_backward_weights(dy, x, w.shape, stride=stride, pad=pad),
    ], 2.0 * dy.size * channels * size * size


def seconds(work: Work) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def product_rate() -> float:
    """Operations a second of the matrix product."""
    a = np.ones((SIDE, SIDE), np.float32)
    rate = 2.0 * SIDE**3 / statistics.median(seconds(lambda: a @ a) for _ in range(3))
    time.sleep(0.1)
    return rate


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", nargs="?", default="", help="only the layers with this in their name")
    parser.add_argument("--images", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=15)
    chosen = parser.parse_args()
    whole, spent = 0.0, 0.0
    with use_threads(threads()):
        print(f"N={chosen.images}{'':4s}" + "".join(f"{title:>30s}" for title in PASSES))
        print(f"{'':8s}" + "".join(f"{'ms':>14s}{'GFLOP/s':>9s}{'share':>7s}" for _ in PASSES))
        for layer in (n for n in range(1, len(LAYERS) + 1) if chosen.name in f"conv{n}"):
            passes, operations = works(chosen.images, layer)
            times: list[list[float]] = [[] for _ in PASSES]
            before = product_rate()
            for turn in range(chosen.rounds + 1):
                for work, series in zip(passes, times, strict=True):
                    taken = seconds(work)
                    if turn:  # the first is a rehearsal
                        series.append(taken)
            medians, peak = [statistics.median(series) for series in times], max(before, product_rate())
            rates = [operations / t for t in medians]
            cells = (f"{t * 1e3:14.2f}{r / 1e9:9.0f}{r / peak:7.0%}" for t, r in zip(medians, rates, strict=True))
            print(f"conv{layer:<4d}" + "".join(cells) + f"   of {peak / 1e9:.0f}", flush=True)
            whole, spent = whole + 3 * operations / peak, spent + sum(medians)
        print(f"together {spent * 1e3:.1f} ms, {whole / spent:.0%} of the peak")
