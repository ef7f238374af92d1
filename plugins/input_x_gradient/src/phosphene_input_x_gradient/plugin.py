"""What this plugin registers."""

from phosphene_core.hooks import Register, hookimpl


@hookimpl
def register_techniques(register: Register) -> None:
    from phosphene_input_x_gradient.input_x_gradient import InputXGradient

    register("input_x_gradient", InputXGradient)
