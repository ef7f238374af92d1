"""Self-critical sequence training: a captioner is rewarded for whole captions, by CIDEr-D (Rennie et al. 2017).

What it draws at random is scored against what people said of the picture, less the score of what it says greedily; the
words of captions that beat that become likelier, the others' less so.
"""

from typing import TYPE_CHECKING

import numpy as np

from phosphene_captioning.caption import Caption
from phosphene_captioning.sampling import Draw, greedy, sample
from phosphene_captioning.vocabulary import NULL, START
from phosphene_core.layer import Array, Grads, Pass
from phosphene_metrics.cider import DocumentFrequencies, cider_d

if TYPE_CHECKING:
    from phosphene_captioning.captioner import Captioner


def frequencies_of(references: list[list[Array]]) -> DocumentFrequencies:
    """In the references of how many pictures each run of words occurs; captions as rows of indexes."""
    return DocumentFrequencies.of([[said(row) for row in several] for several in references])


def said(row: Array) -> list[str]:
    """The words of a caption (T,), as indexes written out, with <END>: a caption that breaks off is worth less."""
    return [str(token) for token in row.tolist() if token not in (NULL, START)]


def self_critical_loss(
    model: "Captioner", features: Array, references: Array, frequencies: DocumentFrequencies, run: Pass
) -> tuple[float, dict[str, float], Grads, Array | None]:
    """As `loss_by_features`: the loss is the mean negative reward of captions that are drawn for `features`; the
    measures are that reward and the greedy captions'. `references` (N, R, T): what people said of each picture, rows of <NULL>
    where they said less."""
    assert run.rng is not None
    length = references.shape[2] - 1
    drawn = sample(model, features, Draw(), run.rng, length, forbid_unknown=True)
    likeliest = greedy(model, features, length, forbid_unknown=True)
    people = [[words for row in several if (words := said(row))] for several in references]
    reward, usual = (
        cider_d([[str(t) for t in c.tokens] for c in captions], people, frequencies=frequencies)
        for captions in (drawn, likeliest)
    )
    spoken = _table(drawn, length)
    before, after = spoken[:, :-1], spoken[:, 1:]
    forward = model.decode(features, before, after != NULL, run)
    dscores = np.exp(forward.scores - forward.scores.max(axis=1, keepdims=True))
    dscores /= dscores.sum(axis=1, keepdims=True)
    rows, _ = np.nonzero(after != NULL)
    dscores[np.arange(len(rows)), after[after != NULL]] -= 1
    advantage = ((reward - usual) / max(1, len(features))).astype(dscores.dtype)
    dscores *= advantage[rows, None]
    dfeatures, grads = forward.backward(dscores) if run.need else (None, {})
    measures = {"reward": float(reward.mean()), "greedy_reward": float(usual.mean())}
    return -measures["reward"], measures, grads, dfeatures


def _table(captions: list[Caption], length: int) -> Array:
    """Captions as rows of indexes (N, 1 + length): <START>, the words, <END> where it came, then <NULL>."""
    table = np.full((len(captions), 1 + length), NULL)
    table[:, 0] = START
    for row, caption in zip(table, captions, strict=True):
        row[1 : 1 + len(caption.tokens)] = caption.tokens
    return table
