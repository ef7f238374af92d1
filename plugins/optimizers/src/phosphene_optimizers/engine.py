"""Which engine runs: the compiled kernels, or the numpy twins where there are none."""

from phosphene_core.kernels import Kernels

kernels = Kernels("phosphene_optimizers._kernels")
use_twins = kernels.use_twins
