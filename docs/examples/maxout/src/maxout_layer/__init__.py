"""Maxout (Goodfellow et al. 2013): the largest of every few channels."""

from maxout_layer.layer import Maxout

__all__ = ["Maxout"]
