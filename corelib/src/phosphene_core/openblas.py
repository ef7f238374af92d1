"""numpy's OpenBLAS is told to let its threads rest soon after a product: left alone they spin for tens of milliseconds and
take the cores from our kernels, which nearly doubles the time of a training step on two cores.

It must stand in the environment before numpy is loaded, so this is the first import of the package. Whoever has set
`OPENBLAS_THREAD_TIMEOUT` (the logarithm of the cycles to wait) keeps it; where numpy was there first nothing changes.
"""

import os

os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "16")
