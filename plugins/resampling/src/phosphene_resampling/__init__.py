"""Photographs brought to a network's size: Pillow's pixels to the bit, in vector code."""

from phosphene_resampling.fit import fit
from phosphene_resampling.reduce import reduce
from phosphene_resampling.resample import resample

__all__ = ["fit", "reduce", "resample"]
