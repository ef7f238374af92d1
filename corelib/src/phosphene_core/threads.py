"""One number of threads for our kernels and for BLAS."""

import functools
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from phosphene_core.errors import SettingError

pool: object | None = None
"""The process's pool of threads: a capsule that the first module with kernels puts here; see `phosphene_core.native`."""

_override: ContextVar[int | None] = ContextVar("phosphene_threads", default=None)


def available_cores() -> int:
    """Cores that this process may use: its affinity, cut by the cgroup's limit where there is one."""
    affinity = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()[:2]
        return max(1, min(affinity, math.ceil(int(quota) / int(period))))
    except (OSError, ValueError):  # no cgroup v2, or "max": no limit
        return affinity


@functools.cache
def _configured() -> int:
    text = os.environ.get("PHOSPHENE_THREADS", "").strip()
    if not text:
        return available_cores()
    if not text.isdigit() or not 1 <= int(text) <= 1024:
        raise SettingError(f"PHOSPHENE_THREADS is '{text}'; it must be a whole number from 1 to 1024")
    return int(text)


def threads() -> int:
    """How many threads a kernel may use: `PHOSPHENE_THREADS`, or else the cores that the process may use."""
    return _override.get() or _configured()


@contextmanager
def use_threads(count: int) -> Iterator[None]:
    """Run the block with `count` threads, in our kernels and in BLAS."""
    from threadpoolctl import threadpool_limits

    token = _override.set(count)
    try:
        with threadpool_limits(count, user_api="blas"):
            yield
    finally:
        _override.reset(token)
