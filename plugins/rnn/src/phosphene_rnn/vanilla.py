"""The vanilla recurrent layer: h' = tanh(x Wx + h Wh + b). Elman 1990."""

import attrs
import numpy as np

from phosphene_core.layer import Array
from phosphene_rnn.cell import Cell, Stage
from phosphene_rnn.cell_layer import CellLayer


def forward(a: Array, h: Array) -> None:
    np.tanh(a, out=h)


def backward(dy: Array, h: Array, da: Array) -> None:
    da[...] = dy * (1 - h * h)


VANILLA = Cell(
    gates="a",
    states="h",
    forward=(Stage("forward", forward, product="a", reads="", writes="h", operand="h"),),
    backward=(Stage("backward", backward, product="dy", reads="h", writes="da", operand="da"),),
    kernels="phosphene_rnn._kernels",
)


@attrs.frozen
class VanillaRNN(CellLayer):
    """The vanilla recurrent layer, h' = tanh(x Wx + h Wh + b): x (N, T, D), h (N, H), Wx (D, H), Wh (H, H), b (H,).
    Elman 1990."""

    @property
    def cell(self) -> Cell:
        return VANILLA
