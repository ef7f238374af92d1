"""What this plugin registers."""

from phosphene_core.hooks import Register, hookimpl


@hookimpl
def register_models(register: Register) -> None:
    from phosphene_cnn.model import CNN

    register("cnn", CNN)
