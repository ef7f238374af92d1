"""Texture synthesis (Gatys, Ecker and Bethge 2015)."""

from phosphene_texture.texture import Texture

__all__ = ["Texture"]
