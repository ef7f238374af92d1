"""Saliency maps (Simonyan, Vedaldi and Zisserman 2014)."""

from phosphene_saliency.saliency import Saliency

__all__ = ["Saliency"]
