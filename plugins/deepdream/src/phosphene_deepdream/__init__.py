"""DeepDream (Mordvintsev, Olah and Tyka 2015)."""

from phosphene_deepdream.deepdream import DeepDream

__all__ = ["DeepDream"]
