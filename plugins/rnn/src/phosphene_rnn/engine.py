"""Which engine runs: the compiled kernels, or their numpy twin where there are none."""

import functools
import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

from phosphene_rnn.cell import Cell
from phosphene_rnn.compiled_engine import CompiledEngine
from phosphene_rnn.numpy_engine import NumpyEngine

Engine = NumpyEngine | CompiledEngine

_twins: ContextVar[bool] = ContextVar("phosphene_rnn_twins", default=False)


@functools.cache
def kernels(module: str = "phosphene_rnn._kernels") -> Any:
    """A compiled module, or None where it was installed without a compiler."""
    try:
        return importlib.import_module(module)
    except ImportError:
        return None


@functools.cache
def _functions(module: str) -> dict[str, tuple[Any, Any]] | None:
    found = kernels(module) if module else None
    return None if found is None else found.functions()


def engine_for(cell: Cell, dtype: Any) -> Engine:
    """The compiled engine if it and the cell's functions are there, else the numpy engine."""
    compiled, functions = kernels(), _functions(cell.kernels)
    if compiled is None or functions is None or _twins.get():
        return NumpyEngine()
    return CompiledEngine(compiled, functions, np.dtype(dtype) == np.float64)


def products_engine(dtype: Any) -> Engine:
    """The engine for who wants nothing but matrix products."""
    compiled = kernels()
    if compiled is None or _twins.get():
        return NumpyEngine()
    return CompiledEngine(compiled, {}, np.dtype(dtype) == np.float64)


@contextmanager
def use_twins() -> Iterator[None]:
    """Run the block on the numpy twins, as a machine without a compiler would."""
    token = _twins.set(True)
    try:
        yield
    finally:
        _twins.reset(token)


def description() -> str:
    """What runs here, in words."""
    compiled = kernels()
    if compiled is None:
        return "numpy twins (no compiler was found at installation): works, several times slower"
    names = {"v4": "AVX-512", "v3": "AVX2", "base": "portable"}
    return f"compiled kernels ({names[compiled.instruction_set()]})"
