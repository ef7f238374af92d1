"""Convolution and pooling: kernels in C behind a thin Cython bridge, each with a plain numpy twin."""

from phosphene_conv.convolution import conv2d, conv2d_backward_data, conv2d_backward_weights
from phosphene_conv.pooling import avg_pool2d, avg_pool2d_backward, max_pool2d, max_pool2d_backward
from phosphene_conv.window import Window

__all__ = [
    "Window",
    "avg_pool2d",
    "avg_pool2d_backward",
    "conv2d",
    "conv2d_backward_data",
    "conv2d_backward_weights",
    "max_pool2d",
    "max_pool2d_backward",
]
