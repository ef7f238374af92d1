"""Style transfer (Gatys, Ecker and Bethge 2016)."""

from phosphene_style_transfer.style_transfer import StyleTransfer

__all__ = ["StyleTransfer"]
