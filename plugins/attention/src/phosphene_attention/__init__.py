"""Show, Attend and Tell: a recurrent layer that looks at a grid of places before every word."""

from phosphene_attention.layer import AttentionLSTM

__version__ = "0.1.0"

__all__ = ["AttentionLSTM"]
