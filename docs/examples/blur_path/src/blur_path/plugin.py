"""What this plugin registers."""

from phosphene_core.hooks import Register, hookimpl


@hookimpl
def register_techniques(register: Register) -> None:
    from blur_path.technique import BlurPath

    register("blur_path", BlurPath)
