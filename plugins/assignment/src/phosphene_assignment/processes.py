"""Processes for students' code: started quickly, limited, and ended for certain."""

import contextlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import attrs

from phosphene_assignment.packages import PRELOADED, Packages
from phosphene_assignment.sandbox import wire
from phosphene_assignment.sandbox.nursery import BOOT
from phosphene_core import PhospheneError, option

PRINTED_LIMIT = 1 << 20
KEPT_PRINTS = 1000
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL", "VECLIB_MAXIMUM")} | {"PHOSPHENE_THREADS": "1"}


@attrs.frozen
class Limits:
    """What one item's process may use."""

    seconds: int = option(20, "seconds of computing", ge=1)
    longest: float = option(60.0, "seconds by the clock", gt=0)
    memory: int = option(2048, "megabytes of memory", ge=256)


class Lost(Exception):
    """The process gave no answer; the message says why, for the student."""


class Processes:
    """Starts processes for students' code. `further`: packages that the code may use besides the usual ones."""

    def __init__(self, limits: Limits = Limits(), further: tuple[str, ...] = (), confined: bool = True) -> None:
        if not hasattr(os, "fork"):
            raise PhospheneError("grading needs Linux or macOS: submissions run in processes that Windows does not have")
        self.limits, self.confined = limits, confined
        self.packages = Packages(further)
        self._lock = threading.Lock()
        self._nursery: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def __enter__(self) -> "Processes":
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()
        self.packages.close()

    def start(self, code: Path) -> "Process":
        """A fresh process that can import what lies in the folder `code`."""
        return Process(self, code)

    def fork(self, settings: dict[str, Any], handles: list[int]) -> None:
        """Ask the nursery for a process; a nursery that has died is replaced once."""
        message = json.dumps(settings).encode()
        with self._lock:
            for attempt in range(2):
                try:
                    if self._control is None:
                        self._begin()
                    assert self._control is not None
                    socket.send_fds(self._control, [message], handles)
                    return
                except OSError:
                    self._stop()
                    if attempt:
                        raise PhospheneError("the process that starts submissions has ended and cannot be restarted") from None

    def _begin(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET if sys.platform == "linux" else socket.SOCK_DGRAM)
        command = [sys.executable, "-I", "-S", "-c", BOOT, str(self.packages.folder), str(theirs.fileno()), json.dumps(PRELOADED)]
        environment = {**os.environ, **ONE_THREAD, "PYTHONDONTWRITEBYTECODE": "1"}
        with tempfile.TemporaryFile() as said:
            self._nursery = subprocess.Popen(command, pass_fds=[theirs.fileno()], env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True)  # fmt: skip
            theirs.close()
            if ours.recv(16) != b"ready":
                said.seek(0)
                last = said.read().decode(errors="replace").strip().splitlines()[-1:]
                raise PhospheneError(f"the process that starts submissions does not start: {' '.join(last)}")
        self._control = ours

    def _stop(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._nursery is not None:
            self._nursery.kill()
            self._nursery.wait()
        self._control = self._nursery = None


class Process:
    """One process with a student's code. Use as a context; afterwards it and all that it started are gone."""

    def __init__(self, owner: Processes, code: Path) -> None:
        self.limits = owner.limits
        self.prints = b""
        self._printed = 0
        self._ended: dict[str, Any] | None = None
        self._scratch = tempfile.TemporaryDirectory(prefix="phosphene-scratch-", ignore_cleanup_errors=True)
        theirs_in, self._requests = os.pipe()
        self._answers, theirs_out = os.pipe()
        self._out, theirs_prints = os.pipe()
        self._end, theirs_end = os.pipe()
        theirs_leash, self._leash = os.pipe()
        settings = {
            "seconds": self.limits.seconds, "longest": self.limits.longest, "memory": self.limits.memory << 20,
            "scratch": self._scratch.name, "code": str(code), "confined": owner.confined,
            "readable": [str(code), str(owner.packages.folder), *owner.packages.real],
        }  # fmt: skip
        handles = [theirs_in, theirs_out, theirs_prints, theirs_end, theirs_leash]
        try:
            owner.fork(settings, handles)
        finally:
            for handle in handles:
                os.close(handle)
        self._late = time.monotonic() + self.limits.longest + 5
        self._eyes = selectors.DefaultSelector()
        for handle in (self._answers, self._out):
            os.set_blocking(handle, False)
            self._eyes.register(handle, selectors.EVENT_READ)
        self._waiting = bytearray()

    def __enter__(self) -> "Process":
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def ask(self, message: dict[str, Any] | None) -> dict[str, Any]:
        """Send a message (None: nothing), and wait for the answer to it. `Lost` if none comes."""
        try:
            if message is not None:
                self._send(wire.pack(message))
            return wire.receive(self._read)
        except wire.WireError as error:
            raise Lost(str(error)) from None

    def end(self) -> dict[str, Any]:
        """End the process, if it has not ended, and say how it did."""
        if self._ended is None:
            os.close(self._leash)
            self._ended = self._told()
            self._drain()
            self._eyes.close()
            for handle in (self._requests, self._answers, self._out, self._end):
                os.close(handle)
            self._scratch.cleanup()
        return self._ended

    def _told(self) -> dict[str, Any]:
        text = b""
        with contextlib.suppress(OSError):
            while part := os.read(self._end, 4096):
                text += part
        try:
            return dict(json.loads(text))
        except ValueError:
            return {"code": None, "why": "unknown"}

    def _send(self, data: bytes) -> None:
        view = memoryview(data)
        os.set_blocking(self._requests, False)
        while view:
            try:
                view = view[os.write(self._requests, view) :]
            except BlockingIOError:
                self._look(0.05)
            except BrokenPipeError:
                raise self._lost() from None

    def _read(self, size: int) -> bytes:
        while len(self._waiting) < size:
            if not self._look(1.0):
                raise self._lost()
        data = bytes(self._waiting[:size])
        del self._waiting[:size]
        return data

    def _look(self, seconds: float) -> bool:
        """Take what there is to read; False when no more answers will come."""
        if time.monotonic() > self._late or self._printed > PRINTED_LIMIT:
            return False
        for key, _ in self._eyes.select(seconds):
            part = os.read(key.fd, 1 << 20)
            if key.fd == self._answers:
                self._waiting += part
                if not part:
                    return False
            elif part:
                self._keep(part)
            else:
                self._eyes.unregister(key.fd)
        return True

    def _keep(self, part: bytes) -> None:
        self._printed += len(part)
        self.prints = (self.prints + part)[:KEPT_PRINTS]

    def _drain(self) -> None:
        with contextlib.suppress(OSError):
            while self._printed <= PRINTED_LIMIT and (part := os.read(self._out, 1 << 16)):
                self._keep(part)

    def _lost(self) -> Lost:
        """End the process and say what has happened to it."""
        too_much = self._printed > PRINTED_LIMIT
        told = self.end()
        code, why, limits = told.get("code"), told.get("why"), self.limits
        if too_much:
            return Lost("it printed more than a megabyte; leave the prints out")
        if why == "late":
            return Lost(f"it took longer than {limits.longest:g} seconds (does it wait for something?)")
        if code in (-signal.SIGXCPU, -signal.SIGKILL) and told.get("seconds", 0) >= limits.seconds - 0.5:
            return Lost(f"it computed for more than {limits.seconds} seconds (an endless loop?)")
        if isinstance(code, int) and code < 0:
            name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
            return Lost(f"its process crashed ({name})")
        return Lost(f"its process ended before it answered (os._exit? exit code {code})")
