"""What this distribution offers to Phosphene."""

from typing import Any

from phosphene_core.hooks import Register, hookimpl
from phosphene_rnn.vanilla import VanillaRNN


@hookimpl
def register_layers(register: Register) -> None:
    register("rnn", VanillaRNN)


@hookimpl
def describe_state() -> str | None:
    from phosphene_rnn.engine import kernels

    return kernels.description()


@hookimpl
def register_benchmarks(register: Any, registry: Any) -> None:
    from phosphene_rnn import benchmarks

    benchmarks.add(register, "rnn", VanillaRNN)
