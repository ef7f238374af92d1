"""What this plugin registers."""

from phosphene_core.hooks import Register, hookimpl


@hookimpl
def register_techniques(register: Register) -> None:
    from phosphene_caption_fooling.caption_fooling import CaptionFooling

    register("caption_fooling", CaptionFooling)
