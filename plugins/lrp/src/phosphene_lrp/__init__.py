"""Layer-wise relevance propagation (Bach et al. 2015)."""

from phosphene_lrp.lrp import LRP

__all__ = ["LRP"]
