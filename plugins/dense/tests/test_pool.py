"""The pool of threads that the kernels run on: one for the process, safe wherever it is called from."""

import os
import threading
from pathlib import Path

import numpy as np
import pytest

from phosphene_core import threads
from phosphene_dense.engine import kernels
from phosphene_dense.relu import rectify

pytestmark = pytest.mark.skipif(kernels() is None, reason="the kernels were not compiled")
X = np.random.default_rng(0).standard_normal((64, 4096), np.float32)
WANTED = np.maximum(X, 0)


def test_the_process_has_a_pool() -> None:
    assert threads.pool is not None


def test_python_threads_may_call_at_once() -> None:
    wrong: list[int] = []

    def call(number: int) -> None:
        wrong.extend(number for _ in range(20) if not np.array_equal(rectify(X), WANTED))

    callers = [threading.Thread(target=call, args=(i,)) for i in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert not wrong


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_has_a_pool_of_its_own() -> None:
    with threads.use_threads(2):
        rectify(X)
        child = os.fork()
        if not child:
            os._exit(0 if np.array_equal(rectify(X), WANTED) else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="threads are counted through /proc")
def test_threads_are_made_once() -> None:
    with threads.use_threads(3):
        rectify(X)
        before = len(list(Path("/proc/self/task").iterdir()))
        for _ in range(20):
            rectify(X)
        assert len(list(Path("/proc/self/task").iterdir())) == before
