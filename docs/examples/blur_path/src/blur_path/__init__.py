"""Attribution in scale and space (Xu, Venugopalan and Sundararajan 2020)."""

from blur_path.technique import BlurPath

__all__ = ["BlurPath"]
