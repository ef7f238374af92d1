"""RISE (Petsiuk, Das and Saenko 2018)."""

from phosphene_rise.rise import RISE

__all__ = ["RISE"]
