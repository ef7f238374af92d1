"""What this plugin registers."""

from phosphene_core.hooks import Register, hookimpl


@hookimpl
def register_techniques(register: Register) -> None:
    from phosphene_integrated_gradients.integrated_gradients import IntegratedGradients

    register("integrated_gradients", IntegratedGradients)
