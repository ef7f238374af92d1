"""What several tests of the kernels are given."""

import sys

import numpy as np
import pytest

from phosphene_conv.engine import kernels


@pytest.fixture
def many_zeros() -> np.ndarray:
    """(33, 1, 8192, 8192): 8.9 GB of zeros, which take no memory as long as nobody writes them."""
    if kernels.compiled is None or not sys.platform.startswith("linux"):
        pytest.skip("needs kernels, and pages of zeros")
    try:
        return np.zeros((33, 1, 8192, 8192), np.float32)
    except MemoryError:
        pytest.skip("the system grants no such array")
