"""What this distribution offers to Phosphene."""

from phosphene_core.hooks import Register, hookimpl
from phosphene_gru.layer import GRU


@hookimpl
def register_layers(register: Register) -> None:
    register("gru", GRU)
