"""The entry point of the installed command. It imports nothing slow, so that Ctrl-C is answered from the start."""

import contextlib
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from phosphene_registry.registry import Registry

STOPPED, TERMINATED = 130, 143


def main(arguments: Sequence[str] | None = None, registry: "Registry | None" = None) -> None:
    """Run one command line and end the process with its exit code. `registry`: instead of what is installed."""
    stopped = STOPPED

    def terminate(number: int, frame: FrameType | None) -> None:
        """As Ctrl-C, so that what is half written is taken back."""
        nonlocal stopped
        stopped = TERMINATED
        raise KeyboardInterrupt

    try:
        with contextlib.suppress(ValueError):  # not the main thread
            signal.signal(signal.SIGTERM, terminate)
        from phosphene_registry.process import run

        code = run(sys.argv[1:] if arguments is None else arguments, registry)
    except KeyboardInterrupt:
        print("\nphosphene: stopped", file=sys.stderr)
        code = stopped
    sys.exit(code)


if __name__ == "__main__":
    main()
