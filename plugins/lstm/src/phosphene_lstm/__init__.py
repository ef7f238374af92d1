"""Long short-term memory, a recurrent layer."""

from phosphene_lstm.layer import LSTM

__version__ = "0.1.0"

__all__ = ["LSTM"]
