"""Ctrl-C as a wish to stop: the current step is finished first; a second one stops at once."""

import signal
from types import FrameType, TracebackType
from typing import Self

SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


class Interruption:
    """`with Interruption() as wish: ... if wish: break`. Where signals cannot be caught (a thread) it does nothing; one
    that is ignored (SIGHUP under nohup) stays so."""

    def __init__(self) -> None:
        self._wished = False

    def __bool__(self) -> bool:
        return self._wished

    def __enter__(self) -> Self:
        self._before = {number: signal.getsignal(number) for number in SIGNALS}
        try:
            for number, before in self._before.items():
                if before is not signal.SIG_IGN:
                    signal.signal(number, self._note)
        except ValueError:  # not the main thread
            self._before = {}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self._wished:
            raise KeyboardInterrupt
        self._wished = True
