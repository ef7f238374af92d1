"""Pictures of which a captioner says a given sentence."""

from phosphene_caption_dream.caption_dream import CaptionDream

__all__ = ["CaptionDream"]
