"""Which engine runs: the compiled kernel, or Pillow where there is none."""

from phosphene_core.kernels import Kernels

kernels = Kernels("phosphene_resampling._kernels")
use_twins = kernels.use_twins
