"""Photographs of which a captioner says something else (Chen et al. 2018)."""

from phosphene_caption_fooling.caption_fooling import CaptionFooling

__all__ = ["CaptionFooling"]
