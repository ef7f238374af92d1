"""Input × gradient (Shrikumar et al. 2016)."""

from phosphene_input_x_gradient.input_x_gradient import InputXGradient

__all__ = ["InputXGradient"]
