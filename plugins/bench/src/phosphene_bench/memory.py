"""The most memory that a piece of work takes, above what the process held before."""

import contextlib
import ctypes
import gc
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

STATUS, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


class Peak:
    """`bytes`, once the block is over."""

    bytes: int = 0


@contextlib.contextmanager
def peak() -> Iterator[Peak]:
    """Measures the block: resident memory at its highest less what it was at the start. Where the system does not tell
    (anything but Linux) what Python and numpy allocate counts, and what kernels take for themselves does not."""
    found = Peak()
    _give_back()
    if _reset():
        before = _resident("VmRSS")
        try:
            yield found
        finally:
            found.bytes = max(0, _resident("VmHWM") - before)
        return
    tracemalloc.start()
    try:
        yield found
    finally:
        found.bytes = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()


def _give_back() -> None:
    """Free memory that the allocator has kept for later would otherwise be taken again unseen."""
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        trim: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
        trim(0)


def _reset() -> bool:
    """Let the system's high-water mark start again from here."""
    try:
        RESET.write_text("5")
        return "VmHWM" in STATUS.read_text()
    except OSError:
        return False


def _resident(mark: str) -> int:
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(mark))
    return int(line.split()[1]) * 1024
