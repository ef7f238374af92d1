"""A captioner of made scenes, from pixels."""

from phosphene_scenes_captioner.model import ScenesCaptioner

__version__ = "0.1.0"

__all__ = ["ScenesCaptioner"]
