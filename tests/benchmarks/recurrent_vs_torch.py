"""Recurrent layers beside PyTorch's, on the same work, in turns (ours, theirs, ours, ...), in milliseconds.

    python tests/benchmarks/recurrent_vs_torch.py [--rounds 30] [--torch-python /path/to/python] [name]

PyTorch may live in an environment of its own: give its python by --torch-python or in PHOSPHENE_TORCH_PYTHON. Columns: the
medians of both, and the ratio of the medians and of the shortest times. On a busy machine, --busy compares processor time on
one thread each instead, which neighbours disturb less. A GRU has no row to be judged by: PyTorch's applies the reset gate after the product, ours, as Cho et al. 2014, before it.
"""

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

SIZES = ((25, 16, 256, 512), (128, 16, 256, 512), (128, 16, 512, 1024))
KINDS = ("lstm", "rnn", "gru")
WAYS = ("forward", "with backward")
Work = Callable[[], object]


def torch_work(kind: str, way: str, n: int, t: int, d: int, h: int) -> Work:
    import torch

    layer = {"lstm": torch.nn.LSTM, "rnn": torch.nn.RNN, "gru": torch.nn.GRU}[kind](d, h, batch_first=True)
    x, h0, dy = torch.randn(n, t, d, requires_grad=True), torch.randn(1, n, h), torch.randn(n, t, h)
    start = (h0, torch.zeros_like(h0)) if kind == "lstm" else h0

    def forward() -> None:
        with torch.inference_mode():
            layer(x, start)

    def both() -> None:
        torch.autograd.grad(layer(x, start)[0], [x, *layer.parameters()], dy)

    return forward if way == "forward" else both


def our_work(kind: str, way: str, n: int, t: int, d: int, h: int) -> Work:
    import numpy as np

    from phosphene_core import Need, Pass
    from phosphene_gru import GRU
    from phosphene_lstm import LSTM
    from phosphene_rnn import VanillaRNN

    rng = np.random.default_rng(0)
    layer = {"lstm": LSTM, "rnn": VanillaRNN, "gru": GRU}[kind](h)
    params, _ = layer.init(rng, ((t, d), (h,)))
    x, h0, dy = (rng.standard_normal(s, np.float32) for s in ((n, t, d), (n, h), (n, t, h)))

    def forward() -> None:
        layer.forward(params, (x, h0), Pass(need=Need.NOTHING))

    def both() -> None:
        layer.forward(params, (x, h0), Pass(need=Need.BOTH))[1](dy)

    return forward if way == "forward" else both


def once(work: Work, busy: bool) -> float:
    clock = time.process_time if busy else time.perf_counter
    begin = clock()
    work()
    return clock() - begin


def serve() -> None:
    """PyTorch's side: a case's words on a line make its work; an empty line times it once."""
    import torch

    threads, busy = map(int, sys.argv[2:])
    torch.set_num_threads(threads)
    print(torch.__version__, flush=True)
    work: Work = lambda: None  # noqa: E731
    for line in sys.stdin:
        if words := line.split(","):
            if len(words) > 1:
                work = torch_work(words[0], words[1], *map(int, words[2:]))
                work()
            print(once(work, bool(busy)), flush=True)


@contextlib.contextmanager
def torch_server(python: str, threads: int, busy: bool) -> Iterator[subprocess.Popen[str] | None]:
    """The other side, or None where it has no PyTorch."""
    command = [python, __file__, "--serve", str(threads), str(int(busy))]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as p:
        assert p.stdout is not None
        version = p.stdout.readline().strip()
        if version:
            print(f"PyTorch {version}, {threads} threads each")
        yield p if version else None
        p.terminate()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", nargs="?", default="", help="only the cases with this in their name")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--busy", action="store_true", help="processor time, one thread each")
    parser.add_argument("--torch-python", default=os.environ.get("PHOSPHENE_TORCH_PYTHON", sys.executable))
    arguments = parser.parse_args()
    from phosphene_core.threads import threads, use_threads

    busy = arguments.busy
    with use_threads(1 if busy else threads()), torch_server(arguments.torch_python, threads(), busy) as other:
        if other is None:
            print("skipped: there is no PyTorch here (see --help)")
            return
        assert other.stdin is not None
        assert other.stdout is not None

        def theirs(line: str) -> float:
            other.stdin.write(line + "\n")
            other.stdin.flush()
            return float(other.stdout.readline())

        print(f"{'':40s} {'ours':>8s} {'PyTorch':>8s} {'ratio':>6s} {'of shortest':>12s}")
        for case in ((k, s, w) for k in KINDS for s in SIZES for w in WAYS):
            kind, size, way = case
            name = f"{kind} N={size[0]} T={size[1]} D={size[2]} H={size[3]} {way}"
            if arguments.name not in name:
                continue
            work = our_work(kind, way, *size)
            work()
            theirs(",".join([kind, way, *map(str, size)]))
            pairs = [(once(work, busy), theirs("")) for _ in range(arguments.rounds)]
            a, b = ([p[i] * 1e3 for p in pairs] for i in (0, 1))
            ours, their = statistics.median(a), statistics.median(b)
            print(f"{name:40s} {ours:8.2f} {their:8.2f} {ours / their:6.2f} {min(a) / min(b):12.2f}", flush=True)


if __name__ == "__main__":
    serve() if sys.argv[1:2] == ["--serve"] else main()
