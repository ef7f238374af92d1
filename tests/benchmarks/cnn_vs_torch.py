"""The whole TinyImageNet CNN beside PyTorch's, in turns: forward, image gradients, training steps; and peak memory.

    python tests/benchmarks/cnn_vs_torch.py [--rounds 30] [--busy] [--torch-python /path/to/python] [name]

PyTorch may live in an environment of its own: give its python by --torch-python or in PHOSPHENE_TORCH_PYTHON. Single
images are done ten times in a turn, so that waking the threads does not drown the work. `peak memory` is how far a
process of its own grows by three training steps, its libraries loaded and no model made; the last row of the table.
"""

import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

from in_turns import Case, Work, compare

TIMES = {1: 10, 5: 4}
"""How often a turn does a batch of this size; others once."""


def ours(kind: str, images: int) -> Work:
    import numpy as np

    from phosphene_cnn import CNN
    from phosphene_core.layer import Need, Pass
    from phosphene_optimizers import Adam

    rng = np.random.default_rng(0)
    model = CNN().initialized(rng)
    sides = (180, 256) if kind == "deepdream" else (64, 64)
    x = rng.standard_normal((images, 3, *sides), np.float32)
    labels = rng.integers(0, 100, images)
    adam, seed = Adam(), np.zeros((images, 100), np.float32)
    seed[:, 3] = 1
    params = dict(model.params)
    state = adam.start({k: v for k, v in params.items() if k not in model.buffers})

    def forward() -> None:
        model.trace(x, run=Pass(need=Need.NOTHING))["scores"]

    def saliency() -> None:
        model.trace(x).backward({"scores": seed})

    def deepdream() -> None:
        trace = model.trace(x, upto="conv8")
        trace.backward({"conv8": trace["conv8"]})

    def training() -> None:
        run = Pass(train=True, rng=rng, need=Need.PARAMS)
        _, _, grads = model.loss({"images": x, "labels": labels}, run)
        adam.update(params, grads, state)

    return repeated({"forward": forward, "saliency": saliency, "deepdream": deepdream, "training": training}[kind], images)


def theirs(kind: str, images: int) -> Work:
    import torch
    from conv_vs_torch import LAYERS
    from torch import nn

    blocks: list[Any] = []
    for channels, _, filters, size, stride, pad in LAYERS:
        blocks += [nn.Conv2d(channels, filters, size, stride, pad), nn.BatchNorm2d(filters), nn.ReLU()]
    head = [nn.Flatten(), nn.Linear(4096, 512), nn.BatchNorm1d(512), nn.ReLU(), nn.Linear(512, 100)]
    model = nn.Sequential(*(blocks[:24] if kind == "deepdream" else blocks + head)).train(kind == "training")
    sides = (180, 256) if kind == "deepdream" else (64, 64)
    x, labels = torch.randn(images, 3, *sides), torch.randint(100, (images,))
    if kind == "training":
        adam = torch.optim.Adam(model.parameters())
    else:
        model.requires_grad_(False)
        x.requires_grad_(kind != "forward")

    def forward() -> None:
        with torch.inference_mode():
            model(x)

    def saliency() -> None:
        torch.autograd.grad(model(x)[:, 3].sum(), x)

    def deepdream() -> None:
        y = model(x)
        torch.autograd.grad(y, x, y.detach())

    def training() -> None:
        adam.zero_grad()
        nn.functional.cross_entropy(model(x), labels).backward()
        adam.step()

    return repeated({"forward": forward, "saliency": saliency, "deepdream": deepdream, "training": training}[kind], images)


def repeated(work: Work, images: int) -> Work:
    def run() -> None:
        for _ in range(TIMES.get(images, 1)):
            work()

    return run


WORK = (("forward", 1), ("forward", 50), ("training", 50), ("saliency", 1), ("saliency", 5), ("deepdream", 1))
CASES: dict[str, Case] = {
    f"{kind} N={images}": (partial(ours, kind, images), partial(theirs, kind, images))
    for kind, images in WORK
}


def resident(field: str) -> int:
    """Bytes of this process in memory now (VmRSS) or at most (VmHWM)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * int(next(line.split()[1] for line in lines if line.startswith(field)))


def grow(side: str) -> None:
    """Prints by how many bytes this process grows in training."""
    if side == "theirs":
        import torch

        torch.set_num_threads(int(os.environ.get("PHOSPHENE_THREADS", "2")))
        torch.randn(64, 64) @ torch.randn(64, 64)
    else:
        import numpy as np

        import phosphene_optimizers  # noqa: F401

        np.ones((64, 64)) @ np.ones((64, 64))
    start = resident("VmRSS")
    work = (ours if side == "ours" else theirs)("training", 50)
    for _ in range(3):
        work()
    print(resident("VmHWM") - start)


def memory() -> None:
    """The table's last row."""
    sizes = []
    pythons = {"ours": sys.executable, "theirs": os.environ.get("PHOSPHENE_TORCH_PYTHON", sys.executable)}
    for i, word in enumerate(sys.argv):
        if word.startswith("--torch-python"):
            pythons["theirs"] = word.partition("=")[2] or sys.argv[i + 1]
    for side, python in pythons.items():
        answer = subprocess.run([python, __file__, "--memory", side], capture_output=True, text=True)
        if answer.returncode:
            return
        sizes.append(int(answer.stdout))
    print(f"{'peak memory of training N=50, MiB':44s}{sizes[0] / 2**20:9.1f}{sizes[1] / 2**20:9.1f}{sizes[0] / sizes[1]:7.2f}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--memory"]:
        grow(sys.argv[2])
    else:
        compare(__file__, __doc__, CASES)
        if sys.argv[1:2] != ["--serve"]:
            memory()
