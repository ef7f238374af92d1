"""The deconvolutional network (Zeiler and Fergus 2014)."""

from phosphene_deconvnet.deconvnet import Deconvnet

__all__ = ["Deconvnet"]
