"""Score-CAM (Wang et al. 2020)."""

from phosphene_scorecam.scorecam import ScoreCAM

__all__ = ["ScoreCAM"]
