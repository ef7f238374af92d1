"""Texture synthesis (Gatys, Ecker and Bethge 2015)."""

from phosphene_texture.balance import balanced
from phosphene_texture.texture import Texture

__all__ = ["Texture", "balanced"]
