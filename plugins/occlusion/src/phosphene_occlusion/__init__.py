"""Occlusion (Zeiler and Fergus 2014)."""

from phosphene_occlusion.occlusion import Occlusion

__all__ = ["Occlusion"]
