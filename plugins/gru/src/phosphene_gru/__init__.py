"""The gated recurrent unit, a recurrent layer."""

from phosphene_gru.layer import GRU

__version__ = "0.1.0"

__all__ = ["GRU"]
