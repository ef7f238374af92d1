"""Which engine runs: the compiled kernels, or the numpy twins where there are none."""

from phosphene_core.kernels import Kernels

kernels = Kernels("phosphene_conv._kernels", slower="many times")
use_twins = kernels.use_twins
