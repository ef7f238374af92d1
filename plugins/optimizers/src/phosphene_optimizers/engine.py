"""Which engine runs: the compiled kernels, or the numpy twins where there are none."""

import importlib
import types
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_kernels: types.ModuleType | None
try:
    _kernels = importlib.import_module("phosphene_optimizers._kernels")
except ImportError:  # installed without a compiler
    _kernels = None

_twins: ContextVar[bool] = ContextVar("phosphene_optimizers_twins", default=False)


def kernels() -> types.ModuleType | None:
    """The compiled kernels, or None where the twins do the work."""
    return None if _twins.get() else _kernels


@contextmanager
def use_twins() -> Iterator[None]:
    """Run the block on the numpy twins, as a machine without a compiler would."""
    token = _twins.set(True)
    try:
        yield
    finally:
        _twins.reset(token)


def description() -> str:
    """What runs here, in words, for `phosphene plugins`."""
    if _kernels is None:
        return "numpy twins (no compiler was found at installation): works, several times slower"
    names = {"v4": "AVX-512", "v3": "AVX2", "base": "portable"}
    return f"compiled kernels ({names[_kernels.instruction_set()]})"
