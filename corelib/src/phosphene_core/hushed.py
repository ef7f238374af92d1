"""Native libraries that print their complaints: libtiff writes to stderr whatever it finds odd in a file."""

import contextlib
import os
import threading
from collections.abc import Iterator

STDERR = 2
_one_at_a_time = threading.Lock()


@contextlib.contextmanager
def hushed() -> Iterator[None]:
    """For the block, nothing that the process writes to stderr appears. One thread at a time."""
    with _one_at_a_time:
        try:
            kept = os.dup(STDERR)
        except OSError:  # there is no stderr
            yield
            return
        try:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, STDERR)
            os.close(nowhere)
            yield
        finally:
            os.dup2(kept, STDERR)
            os.close(kept)
