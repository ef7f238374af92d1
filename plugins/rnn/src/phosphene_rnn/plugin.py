"""What this distribution offers to Phosphene."""

from phosphene_core.hooks import Register, hookimpl
from phosphene_rnn.vanilla import VanillaRNN


@hookimpl
def register_layers(register: Register) -> None:
    register("rnn", VanillaRNN)
