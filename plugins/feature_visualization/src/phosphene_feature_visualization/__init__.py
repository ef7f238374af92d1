"""Feature visualization (Erhan et al. 2009, Olah et al. 2017)."""

from phosphene_feature_visualization.feature_visualization import FeatureVisualization

__all__ = ["FeatureVisualization"]
