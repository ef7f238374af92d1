"""BLAS's threads must not spin beside our kernels."""

import os
import subprocess
import sys

import pytest

LOOK = """
import os, sys
class Watch:
    def find_spec(self, name, *rest):
        if name == "numpy":
            print(os.environ.get("OPENBLAS_THREAD_TIMEOUT"))
sys.meta_path.insert(0, Watch())
import phosphene_core
"""


@pytest.mark.parametrize(("given", "found"), [(None, "16"), ("26", "26")])
def test_their_patience_is_set_before_numpy_is_loaded_unless_someone_has_set_it(given, found):
    environment = {k: v for k, v in os.environ.items() if k != "OPENBLAS_THREAD_TIMEOUT"}
    environment |= {} if given is None else {"OPENBLAS_THREAD_TIMEOUT": given}
    told = subprocess.run([sys.executable, "-c", LOOK], env=environment, capture_output=True, text=True, check=True)
    assert told.stdout.split()[0] == found
