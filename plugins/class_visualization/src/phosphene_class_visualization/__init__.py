"""Class visualization (Simonyan et al. 2014), with the regularizers of Olah et al. 2017."""

from phosphene_class_visualization.class_visualization import ClassVisualization

__all__ = ["ClassVisualization"]
