"""What this plugin registers."""

from typing import Any

from phosphene_core.hooks import Register, hookimpl


@hookimpl
def register_models(register: Register) -> None:
    from phosphene_cnn.model import CNN

    register("cnn", CNN)


@hookimpl
def register_benchmarks(register: Any, registry: Any) -> None:
    from phosphene_cnn import benchmarks

    benchmarks.add(register, registry)
