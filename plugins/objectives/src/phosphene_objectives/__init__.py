"""The questions that techniques ask: a class, a contrast, a channel, a neuron, a direction, features, a style."""

from phosphene_objectives.channel import Channel
from phosphene_objectives.class_log_prob import ClassLogProb
from phosphene_objectives.class_score import ClassScore
from phosphene_objectives.contrast import Contrast
from phosphene_objectives.direction import Direction
from phosphene_objectives.feature_match import FeatureMatch
from phosphene_objectives.gram_match import GramMatch
from phosphene_objectives.layer_activation import LayerActivation
from phosphene_objectives.neuron import Neuron

__all__ = [
    "Channel", "ClassLogProb", "ClassScore", "Contrast", "Direction", "FeatureMatch", "GramMatch", "LayerActivation",
    "Neuron",
]  # fmt: skip
