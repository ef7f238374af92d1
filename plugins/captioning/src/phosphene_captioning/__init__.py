"""Captions of pictures: the model, its sampling, and questions about its words."""

from phosphene_captioning.beam import Beam, beam_search
from phosphene_captioning.caption import Caption
from phosphene_captioning.captioner import Captioner
from phosphene_captioning.ensemble import ensemble
from phosphene_captioning.picture_captioner import PictureCaptioner
from phosphene_captioning.sampling import Draw, greedy, sample
from phosphene_captioning.vocabulary import Vocabulary

__all__ = [
    "Beam", "Caption", "Captioner", "Draw", "PictureCaptioner", "Vocabulary", "beam_search", "ensemble", "greedy", "sample",
]  # fmt: skip
