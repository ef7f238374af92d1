"""What this plugin registers."""

from phosphene_core.hooks import Register, hookimpl


@hookimpl
def register_techniques(register: Register) -> None:
    from phosphene_deepdream.deepdream import DeepDream

    register("deepdream", DeepDream)
