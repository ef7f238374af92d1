"""The image classifier of CS231n 2016's third assignment, and any other stack of its kind."""

from phosphene_cnn.model import CNN

__all__ = ["CNN"]
