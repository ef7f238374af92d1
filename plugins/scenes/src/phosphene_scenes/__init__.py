"""Rendered scenes of coloured shapes, captions that are true of them, and the mask of every object and word."""

from phosphene_scenes.dataset import Scenes
from phosphene_scenes.grammar import Grammar, Noun, Sentence
from phosphene_scenes.masks import Masks
from phosphene_scenes.scene import Scene, Thing, is_true

__all__ = ["Grammar", "Masks", "Noun", "Scene", "Scenes", "Sentence", "Thing", "is_true"]
