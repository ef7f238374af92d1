"""Ctrl-C as a wish to stop: the current step is finished first; a second one stops at once."""

import signal
from types import FrameType, TracebackType
from typing import Self


class Interruption:
    """`with Interruption() as wish: ... if wish: break`. Where signals cannot be caught (another thread) it does nothing."""

    def __init__(self) -> None:
        self._wished = False

    def __bool__(self) -> bool:
        return self._wished

    def __enter__(self) -> Self:
        try:
            self._before = signal.signal(signal.SIGINT, self._note)
        except ValueError:  # not the main thread
            self._before = None
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self._wished:
            raise KeyboardInterrupt
        self._wished = True
