"""The LSTM between its products: the specification of kernels/cell.c."""

import numpy as np

from phosphene_core.layer import Array
from phosphene_rnn import Cell, Stage, sigmoid


def forward(i: Array, f: Array, o: Array, g: Array, c_before: Array, c: Array, h: Array) -> None:
    i[...], f[...], o[...] = sigmoid(i), sigmoid(f), sigmoid(o)
    np.tanh(g, out=g)
    c[...] = f * c_before + i * g
    h[...] = o * np.tanh(c)


def backward(
    dy: Array, i: Array, f: Array, o: Array, g: Array, c_before: Array, c: Array, dc: Array,
    di: Array, df: Array, do: Array, dg: Array,
) -> None:  # fmt: skip
    squashed = np.tanh(c)
    dc += dy * o * (1 - squashed * squashed)
    di[...] = dc * g * i * (1 - i)
    df[...] = dc * c_before * f * (1 - f)
    do[...] = dy * squashed * o * (1 - o)
    dg[...] = dc * i * (1 - g * g)
    dc *= f


CELL = Cell(
    gates="i f o g",
    states="h c",
    forward=(Stage("forward", forward, product="i f o g", reads="c-", writes="c h i f o g", operand="h"),),
    backward=(
        Stage(
            "backward", backward, product="dy", reads="i f o g c- c dc", writes="di df do dg dc", operand="di df do dg"
        ),
    ),
    kernels="phosphene_lstm._kernels",
)
