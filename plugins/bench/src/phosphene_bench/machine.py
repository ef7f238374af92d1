"""The machine that is measured: what it is, and how fast it can multiply matrices."""

import platform
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np

from phosphene_core.threads import available_cores, threads

SIDE = 2048


def matrix_product(rounds: int) -> float:
    """Operations per second of numpy's product of two 2048 x 2048 matrices in float32, the median of some rounds."""
    rng = np.random.default_rng(0)
    a, b = (rng.standard_normal((SIDE, SIDE), np.float32) for _ in range(2))
    out = np.empty_like(a)
    seconds = []
    for _ in range(rounds + 1):
        begin = time.perf_counter()
        np.matmul(a, b, out=out)
        seconds.append(time.perf_counter() - begin)
    return 2 * SIDE**3 / statistics.median(seconds[1:])


def described() -> dict[str, Any]:
    """Processor, cores, threads, and the versions of what does the work, as JSON values."""
    from threadpoolctl import threadpool_info

    blas: dict[str, Any] = next((p for p in threadpool_info() if p.get("user_api") == "blas"), {})
    words = [str(blas[k]) for k in ("internal_api", "version", "architecture") if blas.get(k)]
    return {
        "processor": _processor(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": available_cores(),
        "threads": threads(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "blas": " ".join(words),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
