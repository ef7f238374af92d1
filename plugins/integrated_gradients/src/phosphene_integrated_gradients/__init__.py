"""Integrated gradients (Sundararajan, Taly and Yan 2017)."""

from phosphene_integrated_gradients.integrated_gradients import IntegratedGradients

__all__ = ["IntegratedGradients"]
