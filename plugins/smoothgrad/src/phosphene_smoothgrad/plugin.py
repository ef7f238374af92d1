"""What this plugin registers."""

from phosphene_core.hooks import Register, hookimpl


@hookimpl
def register_techniques(register: Register) -> None:
    from phosphene_smoothgrad.smoothgrad import SmoothGrad

    register("smoothgrad", SmoothGrad)
