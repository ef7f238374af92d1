"""Everything that a process gives up before it loads a student's code."""

import ctypes
import os
import platform
import resource
import struct
import sysconfig
from pathlib import Path
from typing import Any

from phosphene_assignment.sandbox import landlock, seccomp

FILE_LIMIT = 32 << 20
PROCESSES = 64
"""Where processes cannot be forbidden, the user may have so many in all."""
SYSTEM = (
    "/lib64", "/etc/localtime", "/etc/ld.so.cache", "/usr/share/zoneinfo", "/dev/null", "/dev/zero", "/dev/urandom",
    "/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu",
)  # fmt: skip
"""What libraries look at besides; /proc/self is the folder of this process alone once it is opened."""
LIBRARIES = ("/lib", "/usr/lib", "/usr/lib64", "/usr/local/lib")


def confine(settings: dict[str, Any]) -> list[str]:
    """Limits, files, system calls. `settings`: `seconds` of computing, `memory` in bytes, `readable` and `scratch`
    folders. Returns what could be had here: of "limits", "files", "calls"."""
    held = ["limits"]
    _limit("RLIMIT_CPU", int(settings["seconds"]))  # soft and hard at once: a signal could be ignored
    _limit("RLIMIT_FSIZE", FILE_LIMIT)
    _limit("RLIMIT_CORE", 0)
    _limit("RLIMIT_AS" if platform.system() == "Linux" else "RLIMIT_DATA", int(settings["memory"]))
    if settings.get("confined", True):
        readable, listable = standard_library()
        readable += [*SYSTEM, *settings["readable"]]
        if landlock.confine(readable, listable, [settings["scratch"]]):
            held.append("files")
        _drop_capabilities()
        if seccomp.forbid():
            held.append("calls")
        else:
            _limit("RLIMIT_NPROC", PROCESSES)
    return held


def _limit(name: str, value: int) -> None:
    which = getattr(resource, name, None)
    if which is not None:
        most = resource.getrlimit(which)[1]
        value = value if most == resource.RLIM_INFINITY else min(value, most)
        resource.setrlimit(which, (value, value))


def _drop_capabilities() -> None:
    """Root in name alone: it may not raise its limits, or touch what is not its own."""
    if platform.system() == "Linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.capset(struct.pack("Ii", 0x20080522, 0), struct.pack("IIIIII", 0, 0, 0, 0, 0, 0))


def standard_library() -> tuple[list[str], list[str]]:
    """What the interpreter needs from the disk, to read, and to list; not what is installed into it."""
    readable: list[str] = []
    listable: list[str] = []
    for name in ("stdlib", "platstdlib"):
        folder = sysconfig.get_paths()[name]
        listable.append(folder)
        if os.path.isdir(folder):
            readable += [str(p) for p in Path(folder).iterdir() if p.name not in ("site-packages", "dist-packages")]
    for folder in LIBRARIES:
        if os.path.isdir(folder):
            readable += [str(p) for p in Path(folder).iterdir() if not p.name.startswith("python")]
    return list(dict.fromkeys(readable)), listable
