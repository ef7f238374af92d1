"""What this distribution offers to Phosphene."""

from typing import Any

from phosphene_core.hooks import hookimpl


@hookimpl
def describe_state() -> str | None:
    from phosphene_resampling.engine import kernels

    if kernels.compiled is None:
        return "Pillow (no compiler was found at installation): works, several times slower"
    return kernels.description()


@hookimpl
def register_benchmarks(register: Any, registry: Any) -> None:
    from phosphene_resampling import benchmarks

    benchmarks.add(register)
