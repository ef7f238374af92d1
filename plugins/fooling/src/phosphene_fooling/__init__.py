"""Fooling pictures: least change, FGSM and PGD."""

from phosphene_fooling.fooling import Fooling

__all__ = ["Fooling"]
