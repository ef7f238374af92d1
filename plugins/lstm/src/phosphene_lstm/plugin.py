"""What this distribution offers to Phosphene."""

from typing import Any

from phosphene_core.hooks import Register, hookimpl
from phosphene_lstm.layer import LSTM


@hookimpl
def register_layers(register: Register) -> None:
    register("lstm", LSTM)


@hookimpl
def register_benchmarks(register: Any, registry: Any) -> None:
    from phosphene_rnn import benchmarks

    benchmarks.add(register, "lstm", LSTM)
