"""The optimizers of the course and of the field: all but Muon's update are one pass over memory, in place."""

from phosphene_optimizers.adam import Adam, AdamW
from phosphene_optimizers.momentum import Momentum
from phosphene_optimizers.muon import Muon
from phosphene_optimizers.rmsprop import RMSProp
from phosphene_optimizers.sgd import SGD

__all__ = ["SGD", "Adam", "AdamW", "Momentum", "Muon", "RMSProp"]
