"""Arrays against pages that may not be touched: code that reads or writes past one ends the process at once.

A memory checker watches what the compiler wrote; vector code's masked loads and stores it does not see, but the
processor does. As a pytest plugin, for every array that numpy makes in the tests of any kernels:

    pytest -p phosphene_core.testing.guard plugins/conv/tests        (Linux, macOS)
"""

import contextlib
import ctypes
import itertools
import mmap
from collections.abc import Iterator
from typing import Any

import numpy as np

_CALLS: dict[str, Any] = {
    "malloc": ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t),
    "calloc": ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t),
    "realloc": ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t),
    "free": ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t),
}


class _Allocator(ctypes.Structure):
    _fields_ = [("context", ctypes.c_void_p), *_CALLS.items()]


class _Handler(ctypes.Structure):
    """numpy's PyDataMem_Handler."""

    _fields_ = [("name", ctypes.c_char * 127), ("version", ctypes.c_uint8), ("allocator", _Allocator)]


class Guard:
    """A numpy allocator. `before`: the forbidden page lies before each array's first number, else behind its last."""

    def __init__(self, before: bool) -> None:
        self.before = before
        self.blocks: dict[int, tuple[int, int, int]] = {}
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.libc.mmap.restype = ctypes.c_void_p
        self.libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
        self.libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
        self.libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
        calls = [kind(getattr(self, name)) for name, kind in _CALLS.items()]
        self.handler = _Handler(b"guard", 1, _Allocator(None, *calls))
        new = ctypes.pythonapi.PyCapsule_New
        new.restype, new.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
        self.capsule = new(ctypes.addressof(self.handler), b"mem_handler", None)

    def malloc(self, _: Any, size: int) -> int:
        page = mmap.PAGESIZE
        room = max(-(-size // page), 1) * page
        flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
        base = self.libc.mmap(None, room + page, mmap.PROT_READ | mmap.PROT_WRITE, flags, -1, 0)
        if base in (None, ctypes.c_void_p(-1).value):
            return 0
        self.libc.mprotect(base if self.before else base + room, page, 0)
        address = int(base) + (page if self.before else room - size)
        self.blocks[address] = int(base), room + page, size
        return address

    def calloc(self, _: Any, count: int, size: int) -> int:
        return self.malloc(_, count * size)  # fresh pages hold zeros

    def realloc(self, _: Any, address: int | None, size: int) -> int:
        fresh = self.malloc(_, size)
        if address and fresh:
            ctypes.memmove(fresh, address, min(size, self.blocks[address][2]))
            self.free(_, address, 0)
        return fresh

    def free(self, _: Any, address: int | None, size: int) -> None:
        if address:
            base, room, _size = self.blocks.pop(address)
            self.libc.munmap(base, room)


_guards: dict[bool, Guard] = {}
"""They live as long as the process: arrays outlast the block in which they were made."""


@contextlib.contextmanager
def guard_pages(before: bool = False) -> Iterator[None]:
    """Every array that numpy makes in the block, in this thread, lies against a forbidden page."""
    guard = _guards.setdefault(before, Guard(before))
    previous = _set_handler(guard.capsule)
    try:
        yield
    finally:
        _set_handler(previous)


def _set_handler(capsule: Any) -> Any:
    """numpy's C function PyDataMem_SetHandler, number 304 of its table."""
    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    table = ctypes.cast(pointer(np._core._multiarray_umath._ARRAY_API, None), ctypes.POINTER(ctypes.c_void_p))  # type: ignore[attr-defined]
    return ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.py_object)(table[304])(capsule)


_sides = itertools.cycle((False, True))
_now: list[contextlib.ExitStack] = []


def pytest_runtest_setup(item: Any) -> None:
    """As a pytest plugin: each test has its arrays guarded on one side, the next test's on the other."""
    _now.append(contextlib.ExitStack())
    _now[-1].enter_context(guard_pages(before=next(_sides)))


def pytest_runtest_teardown(item: Any) -> None:
    _now.pop().close()
