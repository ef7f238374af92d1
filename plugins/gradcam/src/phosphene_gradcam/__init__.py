"""Grad-CAM (Selvaraju et al. 2017), Grad-CAM++ and Layer-CAM."""

from phosphene_gradcam.gradcam import GradCAM

__all__ = ["GradCAM"]
