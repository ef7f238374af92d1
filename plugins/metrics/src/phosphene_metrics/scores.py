"""How good captions are, in one call."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import attrs
import numpy as np
from attrs import frozen

from phosphene_metrics.bleu import bleu
from phosphene_metrics.cider import cider_d
from phosphene_metrics.pairs import Id, Pairs
from phosphene_metrics.rouge import rouge_l


@frozen
class ImageScores:
    """One image's caption against its references: BLEU and ROUGE-L in 0..1, CIDEr-D in 0..10."""

    bleu1: float
    bleu2: float
    bleu3: float
    bleu4: float
    rouge_l: float
    cider_d: float


@frozen
class CaptionScores:
    """All captions against their references. BLEU pools the counts of all images; ROUGE-L and CIDEr-D are means.

    `distinct_captions` and `distinct_words` count what the candidates hold (a captioner that says the same for every
    image shows there) and `mean_length` is theirs, in words; `exact` is the share of them that are one of their image's
    references, word for word. `per_image` is in the order of the references.
    """

    bleu1: float
    bleu2: float
    bleu3: float
    bleu4: float
    rouge_l: float
    cider_d: float
    exact: float
    images: int
    distinct_captions: int
    distinct_words: int
    mean_length: float
    per_image: Mapping[Hashable, ImageScores] = attrs.field(repr=False)

    def as_dict(self, *, per_image: bool = False) -> dict[str, Any]:
        """For JSON: names and numbers; with `per_image` also every image's, under its id as a string."""
        written = attrs.asdict(self, filter=lambda field, _: field.name != "per_image")
        if per_image:
            written["per_image"] = {str(image): attrs.asdict(scores) for image, scores in self.per_image.items()}
        return written


def evaluate(
    candidates: Mapping[Id, str], references: Mapping[Id, Sequence[str]], *, tokenized: bool = False
) -> CaptionScores:
    """BLEU-1 to 4, ROUGE-L and CIDEr-D of one caption an image, as coco-caption computes them.

    `candidates` and `references` are keyed by the same image ids; an image may have any number of references, at least
    one. Captions are cut into words by `tokenize`, or at spaces where they are `tokenized` already. An empty candidate
    scores nothing. Raises `PhospheneError` where there is no candidate, an image lacks either side, or no reference of
    an image holds a word. Chen et al. 2015, "Microsoft COCO Captions: Data Collection and Evaluation Server".
    """
    pairs = Pairs.of(candidates, references, tokenized=tokenized)
    precision = bleu(pairs.candidates, pairs.references)
    recall = rouge_l(pairs.candidates, pairs.references)
    consensus = cider_d(pairs.candidates, pairs.references)
    bleu1, bleu2, bleu3, bleu4 = precision.corpus.tolist()
    table = np.column_stack([precision.per_image, recall, consensus])
    each = [ImageScores(*row) for row in table.tolist()]
    return CaptionScores(
        bleu1=bleu1,
        bleu2=bleu2,
        bleu3=bleu3,
        bleu4=bleu4,
        rouge_l=float(recall.mean()),
        cider_d=float(consensus.mean()),
        exact=sum(said in told for said, told in zip(pairs.candidates, pairs.references, strict=True)) / len(each),
        images=len(each),
        distinct_captions=len({tuple(words) for words in pairs.candidates}),
        distinct_words=len({word for words in pairs.candidates for word in words}),
        mean_length=sum(map(len, pairs.candidates)) / len(each),
        per_image=dict(zip(pairs.ids, each, strict=True)),
    )
