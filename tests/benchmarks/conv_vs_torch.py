"""Our convolutions beside PyTorch's, in turns: the nine of the TinyImageNet CNN, forward alone and with backward.

    python tests/benchmarks/conv_vs_torch.py [--rounds 30] [--busy] [--torch-python /path/to/python] [name]

PyTorch may live in an environment of its own: give its python by --torch-python or in PHOSPHENE_TORCH_PYTHON. A single
image is done ten times in a turn, so that waking the threads does not drown the work.
"""

from functools import partial

from in_turns import Case, Work, compare

LAYERS = (  # channels, side, filters, size, stride, pad
    (3, 64, 64, 5, 2, 2),
    (64, 32, 64, 3, 1, 1),
    (64, 32, 128, 3, 2, 1),
    (128, 16, 128, 3, 1, 1),
    (128, 16, 256, 3, 2, 1),
    (256, 8, 256, 3, 1, 1),
    (256, 8, 512, 3, 2, 1),
    (512, 4, 512, 3, 1, 1),
    (512, 4, 1024, 3, 2, 1),
)


def ours(images: int, layer: int, back: bool) -> Work:
    import numpy as np

    from phosphene_conv import conv2d, conv2d_backward_data, conv2d_backward_weights

    channels, side, filters, size, stride, pad = LAYERS[layer - 1]
    rng = np.random.default_rng(0)
    x = rng.standard_normal((images, channels, side, side), np.float32)
    w, b = rng.standard_normal((filters, channels, size, size), np.float32), rng.standard_normal(filters, np.float32)
    dy = np.ones_like(conv2d(x, w, b, stride=stride, pad=pad))

    def run() -> None:
        for _ in range(10 if images == 1 else 1):
            conv2d(x, w, b, stride=stride, pad=pad)
            if back:
                conv2d_backward_data(dy, w, x.shape, stride=stride, pad=pad)
                conv2d_backward_weights(dy, x, w.shape, stride=stride, pad=pad)

    return run


def theirs(images: int, layer: int, back: bool) -> Work:
    import torch

    channels, side, filters, size, stride, pad = LAYERS[layer - 1]
    conv = torch.nn.functional.conv2d
    x = torch.randn(images, channels, side, side, requires_grad=back)
    w, b = torch.randn(filters, channels, size, size, requires_grad=back), torch.randn(filters, requires_grad=back)
    dy = torch.ones_like(conv(x, w, b, stride, pad))

    def run() -> None:
        for _ in range(10 if images == 1 else 1):
            if back:
                torch.autograd.grad(conv(x, w, b, stride, pad), (x, w, b), dy)
            else:
                with torch.inference_mode():
                    conv(x, w, b, stride, pad)

    return run


CASES: dict[str, Case] = {
    f"conv{layer} N={images} {'forward and backward' if back else 'forward'}": (
        partial(ours, images, layer, back),
        partial(theirs, images, layer, back),
    )
    for images in (1, 32)
    for back in (False, True)
    for layer in range(1, len(LAYERS) + 1)
}

if __name__ == "__main__":
    compare(__file__, __doc__, CASES)
