"""The GRU between its products: the specification of kernels/cell.c."""

import numpy as np

from phosphene_core.layer import Array
from phosphene_rnn import Cell, Stage, sigmoid


def reset(r: Array, z: Array, h_before: Array, s: Array) -> None:
    r[...], z[...] = sigmoid(r), sigmoid(z)
    s[...] = r * h_before


def update(n: Array, z: Array, h_before: Array, h: Array) -> None:
    np.tanh(n, out=n)
    h[...] = z * h_before + (1 - z) * n


def update_back(dy: Array, z: Array, n: Array, h_before: Array, dh: Array, dz: Array, dn: Array) -> None:
    dy += dh
    dz[...] = dy * (h_before - n) * z * (1 - z)
    dn[...] = dy * (1 - z) * (1 - n * n)
    dh[...] = dy * z


def reset_back(ds: Array, r: Array, h_before: Array, dh: Array, dz: Array, dr: Array) -> None:
    dr[...] = ds * h_before * r * (1 - r)
    dh += ds * r


CELL = Cell(
    gates="r z n",
    states="h",
    forward=(
        Stage("reset", reset, product="r z", reads="h-", writes="s r z", operand="s"),
        Stage("update", update, product="n", reads="z h-", writes="h n", operand="h"),
    ),
    backward=(
        Stage("update_back", update_back, product="dy", reads="z n h- dh", writes="dz dn dh", operand="dn"),
        Stage("reset_back", reset_back, product="ds", reads="r h- dh dz", writes="dr dh", operand="dr dz"),
    ),
    kept="s",
    kernels="phosphene_gru._kernels",
)
