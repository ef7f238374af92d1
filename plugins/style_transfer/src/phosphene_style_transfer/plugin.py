"""What this plugin registers."""

from phosphene_core.hooks import Register, hookimpl


@hookimpl
def register_techniques(register: Register) -> None:
    from phosphene_style_transfer.style_transfer import StyleTransfer

    register("style_transfer", StyleTransfer)
