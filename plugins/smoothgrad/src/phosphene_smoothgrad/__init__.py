"""SmoothGrad (Smilkov et al. 2017) and VarGrad (Adebayo et al. 2018)."""

from phosphene_smoothgrad.smoothgrad import SmoothGrad

__all__ = ["SmoothGrad"]
