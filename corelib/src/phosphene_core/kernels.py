"""Which engine runs: a plugin's compiled kernels, or its numpy twins where there are none."""

import functools
import importlib
import types
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_NAMES = {"v4": "AVX-512", "v3": "AVX2", "base": "portable"}


class Kernels:
    """A plugin's compiled module, which may be missing: `kernels()` is the module, or None where twins do the work.

    `module` is imported at the first call; it offers `instruction_set()`, one of v4, v3, base. `slower`: how much slower
    the twins are, in words.
    """

    def __init__(self, module: str, slower: str = "several times") -> None:
        self._module, self._slower = module, slower
        self._twins: ContextVar[bool] = ContextVar(f"{module}_twins", default=False)

    @functools.cached_property
    def compiled(self) -> types.ModuleType | None:
        """The compiled module, or None where it was installed without a compiler."""
        try:
            return importlib.import_module(self._module)
        except ImportError:
            return None

    def __call__(self) -> types.ModuleType | None:
        return None if self._twins.get() else self.compiled

    @contextmanager
    def use_twins(self) -> Iterator[None]:
        """Run the block on the numpy twins, as a machine without a compiler would."""
        token = self._twins.set(True)
        try:
            yield
        finally:
            self._twins.reset(token)

    def description(self) -> str:
        """What runs here, in words, for `phosphene plugins`."""
        if self.compiled is None:
            return f"numpy twins (no compiler was found at installation): works, {self._slower} slower"
        return f"compiled kernels ({_NAMES[self.compiled.instruction_set()]})"
