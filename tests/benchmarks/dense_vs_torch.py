"""Batch normalization, ReLU, dropout, the softmax loss and the optimizers beside PyTorch's, in turns, in milliseconds.

    python tests/benchmarks/dense_vs_torch.py [--rounds 30] [--busy] [--torch-python /path/to/python] [name]

PyTorch may live in an environment of its own: give its python by --torch-python or in PHOSPHENE_TORCH_PYTHON. The
optimizers work on the parameters of the course's network (11.6 million numbers).
"""

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

from in_turns import Case, Work, compare

SHAPES = ((50, 64, 32, 32), (50, 256, 8, 8), (50, 1024, 2, 2), (1, 64, 90, 128), (100, 512))
FILTERS = (3, 64, 64, 128, 128, 256, 256, 512, 512, 1024)


def our_layers(kind: str, train: bool, back: bool, shape: tuple[int, ...]) -> Work:
    import numpy as np

    from phosphene_core import Need, Pass
    from phosphene_dense import BatchNorm, BatchNormReLU, Dropout, ReLU

    rng = np.random.default_rng(0)
    layers = {"batchnorm": BatchNorm, "batchnorm + relu": BatchNormReLU, "relu": ReLU, "dropout": Dropout}
    layer: Any = layers[kind]()
    params, _ = layer.init(rng, shape[1:])
    x, dy = (rng.standard_normal(shape, np.float32) for _ in range(2))

    def run() -> None:
        _, backward = layer.forward(params, x, Pass(train=train, rng=rng, need=Need.BOTH if back else Need.NOTHING))
        if back:
            backward(dy)

    return run


def torch_layers(kind: str, train: bool, back: bool, shape: tuple[int, ...]) -> Work:
    import torch
    from torch import nn

    norm = (nn.BatchNorm2d if len(shape) == 4 else nn.BatchNorm1d)(shape[1])
    both = nn.Sequential(norm, nn.ReLU())
    layer = {"batchnorm": norm, "batchnorm + relu": both, "relu": nn.ReLU(), "dropout": nn.Dropout()}[kind].train(train)
    x, dy = torch.randn(shape, requires_grad=back), torch.randn(shape)

    def run() -> None:
        if back:
            torch.autograd.grad(layer(x), [x, *layer.parameters()], dy)
        else:
            with torch.inference_mode():
                layer(x)

    return run


def our_loss(rows: int, classes: int) -> Work:
    import numpy as np

    from phosphene_dense import softmax_cross_entropy

    rng = np.random.default_rng(0)
    scores, labels = rng.standard_normal((rows, classes), np.float32), rng.integers(0, classes, rows)
    return lambda: softmax_cross_entropy(scores, labels)


def torch_loss(rows: int, classes: int) -> Work:
    import torch

    scores, labels = torch.randn(rows, classes, requires_grad=True), torch.randint(classes, (rows,))
    return lambda: torch.autograd.grad(torch.nn.functional.cross_entropy(scores, labels), scores)


def course_shapes() -> list[tuple[int, ...]]:
    """The parameters of the course's network."""
    shapes: list[tuple[int, ...]] = []
    for i, (before, after) in enumerate(pairwise(FILTERS)):
        size = 5 if i == 0 else 3
        shapes += [(after, before, size, size), (after,), (after,), (after,)]
    return [*shapes, (4096, 512), (512,), (512,), (512,), (512, 100), (100,)]


def our_optimizer(kind: str) -> Work:
    import numpy as np

    from phosphene_optimizers import SGD, Adam, AdamW, Momentum, RMSProp

    optimizers = {"sgd": SGD, "momentum": Momentum, "rmsprop": RMSProp, "adam": Adam, "adamw": AdamW}
    optimizer: Any = optimizers[kind]()
    rng = np.random.default_rng(0)
    params = {str(i): rng.standard_normal(s, np.float32) for i, s in enumerate(course_shapes())}
    grads = {k: rng.standard_normal(p.shape, np.float32) for k, p in params.items()}
    state = optimizer.start(params)
    return lambda: optimizer.update(params, grads, state)


def torch_optimizer(kind: str, fused: bool) -> Work:
    import torch

    params = [torch.randn(s, requires_grad=True) for s in course_shapes()]
    for p in params:
        p.grad = torch.randn_like(p)
    make: dict[str, Callable[..., Any]] = {
        "sgd": torch.optim.SGD, "momentum": partial(torch.optim.SGD, momentum=0.9), "rmsprop": torch.optim.RMSprop,
        "adam": torch.optim.Adam, "adamw": torch.optim.AdamW,
    }  # fmt: skip
    settings = {} if kind == "rmsprop" else {"fused": fused}
    optimizer = make[kind](params, lr=1e-3, **settings)
    return lambda: optimizer.step()


def cases() -> dict[str, Case]:
    found: dict[str, Case] = {}
    for shape in SHAPES:
        size = "x".join(map(str, shape))
        for kind, ways in {
            "batchnorm": ("eval", "train", "train + back"), "batchnorm + relu": ("eval", "eval + back", "train + back"),
            "relu": ("eval", "eval + back"), "dropout": ("train + back",),
        }.items():  # fmt: skip
            for way in ways:
                what = (kind, way.startswith("train"), way.endswith("back"), shape)
                found[f"{kind}, {way}, {size}"] = partial(our_layers, *what), partial(torch_layers, *what)
    for rows, classes in ((50, 100), (400, 1004)):
        ours, theirs = partial(our_loss, rows, classes), partial(torch_loss, rows, classes)
        found[f"softmax loss + back, {rows}x{classes}"] = ours, theirs
    for kind in ("sgd", "momentum", "rmsprop", "adam", "adamw"):
        found[kind] = partial(our_optimizer, kind), partial(torch_optimizer, kind, False)
        if kind != "rmsprop":
            found[f"{kind}, theirs fused too"] = partial(our_optimizer, kind), partial(torch_optimizer, kind, True)
    return found


if __name__ == "__main__":
    compare(__file__, __doc__, cases())
