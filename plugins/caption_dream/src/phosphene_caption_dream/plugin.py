"""What this plugin registers."""

from phosphene_core.hooks import Register, hookimpl


@hookimpl
def register_techniques(register: Register) -> None:
    from phosphene_caption_dream.caption_dream import CaptionDream

    register("caption_dream", CaptionDream)
