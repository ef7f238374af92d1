"""One number of threads for our kernels and for BLAS."""

import functools
import math
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from phosphene_core.errors import SettingError

pool: object | None = None
"""The process's pool of threads: a capsule that the first module with kernels puts here; see `phosphene_core.native`."""

_override: ContextVar[int | None] = ContextVar("phosphene_threads", default=None)


def available_cores() -> int:
    """Cores that this process may use: its affinity, cut by its cgroup's limit where there is one."""
    affinity = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(affinity, cgroup_limit(Path("/sys/fs/cgroup"), Path("/proc/self/cgroup"))))


def cgroup_limit(root: Path, membership: Path) -> int:
    """The cores that control groups (version 1 or 2, mounted at `root`) grant the process whose groups `membership`
    lists: the least of its group's limit and those of the groups around it. 1024 where none is limited."""
    try:
        lines = [line.split(":", 2) for line in membership.read_text().splitlines()]
    except OSError:
        return 1024
    least = 1024.0
    for _, controllers, group in (line for line in lines if len(line) == 3):
        if controllers and "cpu" not in controllers.split(","):
            continue
        top = root / controllers if controllers else root
        place = top / group.strip("/")
        for folder in (place, *(p for p in place.parents if p == top or top in p.parents), root / "cpu"):
            least = min(least, _quota(folder))
    return math.ceil(least)


def _quota(folder: Path) -> float:
    """Cores' worth of time that one control group grants; infinity where it sets no limit."""
    for names in (("cpu.max",), ("cpu.cfs_quota_us", "cpu.cfs_period_us")):
        try:
            quota, period = " ".join((folder / name).read_text() for name in names).split()[:2]
            if int(quota) > 0 and int(period) > 0:
                return int(quota) / int(period)
        except (OSError, ValueError):  # not there, or "max"
            continue
    return math.inf


@functools.cache
def _configured() -> int:
    """The number of threads, found once; and BLAS is told: to use as many, or, where nobody said how many, no more."""
    text = os.environ.get("PHOSPHENE_THREADS", "").strip()
    if text and (not text.isdigit() or not 1 <= int(text) <= 1024):
        raise SettingError(f"PHOSPHENE_THREADS is '{text}'; it must be a whole number from 1 to 1024")
    count = int(text) if text else available_cores()
    blas = _blas(len(sys.modules))
    if any(library.num_threads > count or text for library in blas.lib_controllers):
        blas.limit(limits=count)
    return count


@functools.lru_cache(1)
def _blas(modules: int) -> Any:
    """The process's BLAS libraries; looking for them takes milliseconds, and is done again when more modules are loaded."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController().select(user_api="blas")


def threads() -> int:
    """How many threads a kernel may use: `PHOSPHENE_THREADS`, or else the cores that the process may use. The first
    call limits BLAS to the same number."""
    return _override.get() or _configured()


@contextmanager
def use_threads(count: int) -> Iterator[None]:
    """Run the block with `count` threads, in our kernels and in BLAS."""
    token = _override.set(count)
    try:
        with _blas(len(sys.modules)).limit(limits=count):
            yield
    finally:
        _override.reset(token)
