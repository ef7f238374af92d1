"""Caption metrics as coco-caption computes them, without Java."""

from phosphene_metrics.bleu import Bleu, bleu
from phosphene_metrics.cider import DocumentFrequencies, cider_d
from phosphene_metrics.rouge import rouge_l
from phosphene_metrics.scores import CaptionScores, ImageScores, evaluate
from phosphene_metrics.tokenizer import tokenize, tokenize_all

__all__ = [
    "Bleu",
    "CaptionScores",
    "DocumentFrequencies",
    "ImageScores",
    "bleu",
    "cider_d",
    "evaluate",
    "rouge_l",
    "tokenize",
    "tokenize_all",
]
