"""Which files a student's process may touch: the interpreter's, its own, and nothing else (Linux, Landlock)."""

import ctypes
import os
import platform
import struct
from collections.abc import Iterable

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_READ = 1 << 2 | 1 << 3
_EXECUTE = 1 << 0
_WRITE = 1 << 1 | 1 << 4 | 1 << 5 | 1 << 7 | 1 << 8
_TRUNCATE, _TRUNCATE_SINCE = 1 << 14, 3
_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_OF_FILES = _EXECUTE | 1 << 1 | 1 << 2 | _TRUNCATE


def confine(readable: Iterable[str], listable: Iterable[str], writable: Iterable[str]) -> bool:
    """Allow this process to read and load `readable` (files, or folders whole), to list the names in `listable`, to
    read and write in `writable`, and nothing else, for good; whether that was possible here."""
    if platform.system() != "Linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(_CREATE, None, 0, 1)
    if version < 1:
        return False
    handled = _RIGHTS[max(v for v in _RIGHTS if v <= version)]
    attributes = struct.pack("QQQ", handled, 3 if version >= 4 else 0, 3 if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    rules = libc.syscall(_CREATE, attributes, size, 0)
    if rules < 0:
        return False
    write = _READ | _WRITE | (_TRUNCATE if version >= _TRUNCATE_SINCE else 0)
    for paths, rights in ((readable, _READ | _EXECUTE), (listable, 1 << 3), (writable, write)):
        for path in paths:
            _allow(libc, rules, path, rights & handled)
    done = libc.prctl(38, 1, 0, 0, 0) == 0 and libc.syscall(_RESTRICT, rules, 0) == 0
    os.close(rules)
    return done


def _allow(libc: ctypes.CDLL, rules: int, path: str, rights: int) -> None:
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:  # not every system has every one of them
        return
    try:
        if not os.path.isdir(path):
            rights &= _OF_FILES
        libc.syscall(_ADD, rules, 1, struct.pack("=Qi", rights, handle), 0)
    finally:
        os.close(handle)
