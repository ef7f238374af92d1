"""TinyImageNet: a hundred or two hundred classes of ImageNet at 64×64 pixels."""

from phosphene_tinyimagenet.dataset import TinyImageNet

__all__ = ["TinyImageNet"]
