"""Long short-term memory. Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000."""

from typing import Any

import attrs
import numpy as np

from phosphene_core.layer import Array
from phosphene_core.options import option
from phosphene_lstm.cell import CELL
from phosphene_rnn import Cell, CellLayer


@attrs.frozen
class LSTM(CellLayer):
    """Long short-term memory: a = x Wx + h Wh + b, split into i, f, o, g in this order;
    c' = σ(f) c + σ(i) tanh(g), h' = σ(o) tanh(c'). x (N, T, D), h and c (N, H), Wx (D, 4H), Wh (H, 4H), b (4H,).
    The first c is zero unless the whole state (h0, c0) is given. Hochreiter and Schmidhuber 1997; Gers et al. 2000.
    """

    forget_bias: float = option(0.0, "start value of the forget gate's bias (Jozefowicz 2015 recommend 1)")

    @property
    def cell(self) -> Cell:
        return CELL

    def init(self, rng: np.random.Generator, shape: Any) -> tuple[dict[str, Array], Any]:
        params, out = super().init(rng, shape)
        params["b"][CELL.columns(("f",), self.hidden)] = self.forget_bias
        return params, out
