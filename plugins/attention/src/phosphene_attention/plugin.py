"""What this distribution offers to Phosphene."""

from phosphene_core.hooks import Register, hookimpl


@hookimpl
def register_layers(register: Register) -> None:
    from phosphene_attention.layer import AttentionLSTM

    register("attention", AttentionLSTM)
