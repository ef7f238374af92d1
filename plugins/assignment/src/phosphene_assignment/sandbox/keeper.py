"""Watches over one student's process: ends it, and all that it started, in time, and tells how it ended.

Handles, in this order: requests to read, answers to write, prints to write, the end to write, and a leash to read: when
its other end is closed, the process is ended.
"""

import ctypes
import json
import os
import platform
import select
import signal
import time
from pathlib import Path
from typing import Any

from phosphene_assignment.sandbox import runner

_SUBREAPER, _DUMPABLE = 36, 4


def keep(settings: dict[str, Any], handles: list[int]) -> None:
    """Fork the student's process, wait, tell. Does not return."""
    requests, answers, prints, end, leash = handles
    if platform.system() == "Linux":
        libc = ctypes.CDLL(None)
        libc.prctl(_SUBREAPER, 1, 0, 0, 0)  # who escapes from the process group comes to us
        libc.prctl(_DUMPABLE, 0, 0, 0, 0)  # its memory, which the student's process shares a copy of, is not for others
    wake, woken = os.pipe()
    os.set_blocking(woken, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(woken)
    pid = os.fork()
    if pid == 0:
        for handle in (end, leash, wake, woken):
            os.close(handle)
        os.setpgid(0, 0)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        runner.run(settings, requests, answers, prints)
    for handle in (requests, answers, prints):
        os.close(handle)
    told = _wait(pid, wake, leash, float(settings["longest"]))
    _end_all(pid)
    os.write(end, json.dumps(told).encode())
    os._exit(0)


def _wait(pid: int, wake: int, leash: int, longest: float) -> dict[str, Any]:
    late = time.monotonic() + longest
    why = ""
    while True:
        done, status, usage = os.wait4(pid, os.WNOHANG)
        if done:
            code = os.waitstatus_to_exitcode(status)
            return {"code": code, "why": why, "seconds": usage.ru_utime + usage.ru_stime}
        left = late - time.monotonic()
        ready, _, _ = select.select([wake, leash], [], [], max(0.0, min(left, 1.0)))
        if wake in ready:
            os.read(wake, 4096)
        if not why and (leash in ready or left <= 0):
            why = "leash" if leash in ready else "late"
        if why:
            os.kill(pid, signal.SIGKILL)
            if leash in ready:
                time.sleep(0.001)


def _end_all(group: int) -> None:
    """End whatever the process has started: its group, and those that left it and came to us as orphans."""
    for _ in range(1000):
        try:
            os.killpg(group, signal.SIGKILL)
        except OSError:
            pass
        for child in _children():
            os.kill(child, signal.SIGKILL)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.002)


def _children() -> list[int]:
    try:
        return [int(p) for p in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]
    except OSError:
        return []
