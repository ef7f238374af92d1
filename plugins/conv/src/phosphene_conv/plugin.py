"""What this distribution offers to Phosphene."""

from typing import Any

from phosphene_conv.layers import AveragePool2d, Conv2d, MaxPool2d
from phosphene_core.hooks import Register, hookimpl


@hookimpl
def register_layers(register: Register) -> None:
    register("conv2d", Conv2d)
    register("max_pool2d", MaxPool2d)
    register("average_pool2d", AveragePool2d)


@hookimpl
def describe_state() -> str | None:
    from phosphene_conv.engine import kernels

    return kernels.description()


@hookimpl
def register_benchmarks(register: Any, registry: Any) -> None:
    from phosphene_conv import benchmarks

    benchmarks.add(register)
