"""What this distribution offers to Phosphene."""

from phosphene_core.hooks import Register, hookimpl
from phosphene_lstm.layer import LSTM


@hookimpl
def register_layers(register: Register) -> None:
    register("lstm", LSTM)
