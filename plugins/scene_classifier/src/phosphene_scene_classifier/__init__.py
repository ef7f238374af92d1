"""Which coloured shapes are in a scene."""

from phosphene_scene_classifier.model import SceneClassifier

__all__ = ["SceneClassifier"]
