"""What this plugin registers, and whether its kernel is there."""

from phosphene_core.hooks import Register, hookimpl


@hookimpl
def register_layers(register: Register) -> None:
    from maxout_layer.layer import Maxout

    register("maxout", Maxout)


@hookimpl
def describe_state() -> str:
    from maxout_layer.layer import COMPILED

    return "compiled kernel" if COMPILED else "built without a compiler: the numpy twin works, more slowly"
