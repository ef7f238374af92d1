"""Recurrent layers beside PyTorch's, on the same work, in turns, in milliseconds.

    python tests/benchmarks/recurrent_vs_torch.py [--rounds 30] [--busy] [--torch-python /path/to/python] [name]

PyTorch may live in an environment of its own: give its python by --torch-python or in PHOSPHENE_TORCH_PYTHON. PyTorch's GRU
applies the reset gate after the product, ours, as Cho et al. 2014, before it, which is one product more to wait for.
"""

from functools import partial
from typing import Any

from in_turns import Case, Work, compare

SIZES = ((25, 16, 256, 512), (128, 16, 256, 512), (128, 16, 512, 1024))


def our_layer(kind: str, back: bool, n: int, t: int, d: int, h: int) -> Work:
    import numpy as np

    from phosphene_core import Need, Pass
    from phosphene_gru import GRU
    from phosphene_lstm import LSTM
    from phosphene_rnn import VanillaRNN

    rng = np.random.default_rng(0)
    layers = {"lstm": LSTM, "rnn": VanillaRNN, "gru": GRU}
    layer: Any = layers[kind](h)
    params, _ = layer.init(rng, ((t, d), (h,)))
    x, h0, dy = (rng.standard_normal(s, np.float32) for s in ((n, t, d), (n, h), (n, t, h)))

    def run() -> None:
        _, backward = layer.forward(params, (x, h0), Pass(need=Need.BOTH if back else Need.NOTHING))
        if back:
            backward(dy)

    return run


def torch_layer(kind: str, back: bool, n: int, t: int, d: int, h: int) -> Work:
    import torch

    layer: Any = {"lstm": torch.nn.LSTM, "rnn": torch.nn.RNN, "gru": torch.nn.GRU}[kind](d, h, batch_first=True)
    x, h0, dy = torch.randn(n, t, d, requires_grad=back), torch.randn(1, n, h), torch.randn(n, t, h)
    start = (h0, torch.zeros_like(h0)) if kind == "lstm" else h0

    def run() -> None:
        if back:
            torch.autograd.grad(layer(x, start)[0], [x, *layer.parameters()], dy)
        else:
            with torch.inference_mode():
                layer(x, start)

    return run


def cases() -> dict[str, Case]:
    found: dict[str, Case] = {}
    for kind in ("lstm", "rnn", "gru"):
        for n, t, d, h in SIZES:
            for back in (False, True):
                what = (kind, back, n, t, d, h)
                name = f"{kind} N={n} T={t} D={d} H={h}{' with backward' if back else ''}"
                found[name] = partial(our_layer, *what), partial(torch_layer, *what)
    return found


if __name__ == "__main__":
    compare(__file__, __doc__, cases())
