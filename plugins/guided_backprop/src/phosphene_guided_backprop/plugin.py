"""What this plugin registers."""

from phosphene_core.hooks import Register, hookimpl


@hookimpl
def register_techniques(register: Register) -> None:
    from phosphene_guided_backprop.guided_backprop import GuidedBackprop

    register("guided_backprop", GuidedBackprop)
