"""The entry point of the installed command. It imports nothing slow, so that Ctrl-C is answered from the start."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from phosphene_registry.registry import Registry

STOPPED = 130


def main(arguments: Sequence[str] | None = None, registry: "Registry | None" = None) -> None:
    """Run one command line and end the process with its exit code. `registry`: instead of what is installed."""
    try:
        from phosphene_registry.process import run

        code = run(sys.argv[1:] if arguments is None else arguments, registry)
    except KeyboardInterrupt:
        print("\nphosphene: stopped", file=sys.stderr)
        code = STOPPED
    sys.exit(code)


if __name__ == "__main__":
    main()
