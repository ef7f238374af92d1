"""The layers that work on every number alike, or on all of them at once, and the softmax loss.

Kernels in C behind a thin Cython bridge, each with a plain numpy twin.
"""

from phosphene_dense.affine import Affine
from phosphene_dense.batchnorm import BatchNorm, BatchNormReLU
from phosphene_dense.cross_entropy import softmax_cross_entropy
from phosphene_dense.dropout import Dropout
from phosphene_dense.flatten import Flatten
from phosphene_dense.global_average_pool import GlobalAveragePool
from phosphene_dense.largest import largest, likeliest
from phosphene_dense.log_softmax import log_softmax
from phosphene_dense.relu import ReLU
from phosphene_dense.spatial_pyramid_pool import SpatialPyramidPool

__all__ = [
    "Affine",
    "BatchNorm",
    "BatchNormReLU",
    "Dropout",
    "Flatten",
    "GlobalAveragePool",
    "ReLU",
    "SpatialPyramidPool",
    "largest",
    "likeliest",
    "log_softmax",
    "softmax_cross_entropy",
]
