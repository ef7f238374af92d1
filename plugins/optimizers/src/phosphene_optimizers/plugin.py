"""What this distribution offers to Phosphene."""

from typing import Any

from phosphene_core.hooks import Register, hookimpl


@hookimpl
def register_optimizers(register: Register) -> None:
    from phosphene_optimizers import SGD, Adam, AdamW, Momentum, Muon, RMSProp

    register("sgd", SGD)
    register("momentum", Momentum)
    register("rmsprop", RMSProp)
    register("adam", Adam)
    register("adamw", AdamW)
    register("muon", Muon)


@hookimpl
def describe_state() -> str | None:
    from phosphene_optimizers.engine import kernels

    return kernels.description()


@hookimpl
def register_benchmarks(register: Any, registry: Any) -> None:
    from phosphene_optimizers import SGD, Adam, AdamW, Momentum, RMSProp, benchmarks

    benchmarks.add(register, {"sgd": SGD, "momentum": Momentum, "rmsprop": RMSProp, "adam": Adam, "adamw": AdamW})
