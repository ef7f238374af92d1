"""The gated recurrent unit, as Cho et al. 2014 define it."""

import attrs

from phosphene_gru.cell import CELL
from phosphene_rnn import Cell, CellLayer


@attrs.frozen
class GRU(CellLayer):
    """The gated recurrent unit of Cho et al. 2014 (arXiv:1406.1078), biases added:
    r = σ(x Wr + h Ur + br), z = σ(x Wz + h Uz + bz), n = tanh(x Wn + (r h) Un + bn), h' = z h + (1 - z) n.
    The reset gate acts before the product with Un (PyTorch and cuDNN apply it after). x (N, T, D), h (N, H);
    Wx (D, 3H), Wh (H, 3H) and b (3H,) hold the parts of r, z, n in this order.
    """

    @property
    def cell(self) -> Cell:
        return CELL
