"""What this distribution offers to Phosphene."""

from typing import Any

from phosphene_core.hooks import Register, hookimpl


@hookimpl
def register_layers(register: Register) -> None:
    from phosphene_dense import (
        Affine,
        BatchNorm,
        BatchNormReLU,
        Dropout,
        Flatten,
        GlobalAveragePool,
        ReLU,
        SpatialPyramidPool,
    )

    register("affine", Affine)
    register("relu", ReLU)
    register("batchnorm", BatchNorm)
    register("batchnorm_relu", BatchNormReLU)
    register("dropout", Dropout)
    register("flatten", Flatten)
    register("global_average_pool", GlobalAveragePool)
    register("spatial_pyramid_pool", SpatialPyramidPool)


@hookimpl
def describe_state() -> str | None:
    from phosphene_dense.engine import kernels

    return kernels.description()


@hookimpl
def register_benchmarks(register: Any, registry: Any) -> None:
    from phosphene_dense import benchmarks

    benchmarks.add(register)
