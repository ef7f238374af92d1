"""Which engine runs: the compiled kernels, or their numpy twin where there are none."""

import functools
from typing import Any

import numpy as np

from phosphene_core.kernels import Kernels
from phosphene_rnn.cell import Cell
from phosphene_rnn.compiled_engine import CompiledEngine
from phosphene_rnn.numpy_engine import NumpyEngine

Engine = NumpyEngine | CompiledEngine

kernels = Kernels("phosphene_rnn._kernels")
use_twins = kernels.use_twins


@functools.cache
def _functions(module: str) -> dict[str, tuple[Any, Any]] | None:
    """What a cell's compiled module, a capsule of functions for each stage, offers; None where it was not compiled."""
    found = Kernels(module).compiled if module else None
    return None if found is None else found.functions()


def engine_for(cell: Cell, dtype: Any, strassen: bool = True) -> Engine:
    """The compiled engine if it and the cell's functions are there, else the numpy engine. `strassen`: large products may go by
    seven multiplications for eight."""
    compiled, functions = kernels(), _functions(cell.kernels)
    if compiled is None or functions is None:
        return NumpyEngine()
    return CompiledEngine(compiled, functions, np.dtype(dtype) == np.float64, strassen)


def products_engine(dtype: Any, strassen: bool = True) -> Engine:
    """The engine for who wants nothing but matrix products."""
    compiled = kernels()
    return NumpyEngine() if compiled is None else CompiledEngine(compiled, {}, np.dtype(dtype) == np.float64, strassen)
