"""Several captioners as one."""

from collections.abc import Sequence

import attrs
import numpy as np

from phosphene_captioning.captioner import Captioner
from phosphene_core.errors import PhospheneError
from phosphene_core.layer import Array

RECURRENT = {"recurrent.Wx", "recurrent.Wh", "recurrent.b"}


def ensemble(members: Sequence[Captioner]) -> Captioner:
    """One captioner whose scores of the next word are the means of its members' scores, exactly: their word vectors and states
    stand side by side, and their recurrent matrices are blocks of one (Vinyals et al. 2015 average members' probabilities; the
    mean of scores is their geometric mean). With K members, K times as wide.

    Members differ in their weights alone, as runs with other seeds do. `PhospheneError` if they are not alike, or attend.
    """
    if not members:
        raise PhospheneError("an ensemble has at least one member")
    first, count = members[0], len(members)
    for other in members[1:]:
        if attrs.evolve(other, params={}) != attrs.evolve(first, params={}):
            raise PhospheneError("members of an ensemble must have the same settings and the same words")
    parts = [m.params for m in members]
    if first.attends or not RECURRENT <= parts[0].keys():
        raise PhospheneError("an ensemble takes rnn, lstm or gru as the recurrent layer, none that attends")

    def side_by_side(name: str) -> Array:
        return np.concatenate([p[name] for p in parts], axis=-1)

    def mean(name: str) -> Array:
        return np.asarray(sum(p[name] for p in parts) / count, parts[0][name].dtype)

    params = {name: side_by_side(name) for name in ("W_embed", "W_proj", "b_proj")}
    params["W_vocab"] = np.concatenate([p["W_vocab"] for p in parts]) / parts[0]["W_vocab"].dtype.type(count)
    params["b_vocab"] = mean("b_vocab")
    for name in ("recurrent.Wx", "recurrent.Wh"):
        params[name] = _blocks([p[name] for p in parts], first.hidden)
    gates = [p["recurrent.b"].reshape(-1, first.hidden) for p in parts]
    params["recurrent.b"] = np.concatenate(gates, axis=1).reshape(-1)
    recurrent = attrs.evolve(first.recurrent, hidden=first.hidden * count)  # type: ignore[call-arg]
    return attrs.evolve(first, recurrent=recurrent, word_size=first.word_size * count, params=params)


def _blocks(matrices: Sequence[Array], hidden: int) -> Array:
    """Matrices (D, G H) as blocks of one (K D, G K H), gate by gate."""
    depth, columns = matrices[0].shape
    out = np.zeros((len(matrices), depth, columns // hidden, len(matrices), hidden), matrices[0].dtype)
    for k, matrix in enumerate(matrices):
        out[k, :, :, k] = matrix.reshape(depth, -1, hidden)
    return out.reshape(len(matrices) * depth, -1)
