"""Guided backpropagation (Springenberg et al. 2015)."""

from phosphene_guided_backprop.guided_backprop import GuidedBackprop

__all__ = ["GuidedBackprop"]
