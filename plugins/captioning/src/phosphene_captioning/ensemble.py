"""Several captioners as one."""

from collections.abc import Sequence
from typing import Any, TypeVar

import attrs
import numpy as np

from phosphene_captioning.captioner import Captioner
from phosphene_captioning.picture_captioner import PictureCaptioner
from phosphene_core.errors import PhospheneError
from phosphene_core.layer import Array, outer

Kind = TypeVar("Kind", Captioner, PictureCaptioner)
RECURRENT = {"recurrent.Wx", "recurrent.Wh", "recurrent.b"}
OWN = ("decoder", "words")
"""What each captioner of pictures has for itself, besides how features come from the encoder's activation."""


def ensemble(members: Sequence[Kind]) -> Kind:
    """One captioner whose scores of the next word are the means of its members' scores, exactly: their word vectors and states
    stand side by side, and their recurrent matrices are blocks of one (Vinyals et al. 2015 average members' probabilities; the
    mean of scores is their geometric mean). With K members, K times as wide.

    Members have the same words and the same kind of recurrent layer, and captioners of feature vectors read the same ones;
    captioners of pictures share one encoder (`fine_tune` off). Sizes may differ. What matters in training alone is the first
    one's. `PhospheneError` says what is not alike; those that attend cannot be joined.
    """
    if not members:
        raise PhospheneError("an ensemble has at least one member")
    first, others = members[0], members[1:]
    if isinstance(first, PictureCaptioner):
        return _of_pictures([_checked(m, PictureCaptioner) for m in members])
    if others or not _plain(first):
        speakers = [_checked(m, Captioner) for m in members]
        return _joined(speakers, [m.params["W_proj"] for m in speakers], shared=True)
    return first


def _checked(member: Any, kind: type[Kind]) -> Kind:
    if not isinstance(member, kind):
        raise PhospheneError("members of an ensemble all read feature vectors, or all look at pictures")
    return member


def _plain(member: Captioner) -> bool:
    """Whether its recurrent layer is of gates that read a word and the state before, and no more."""
    return not member.attends and member.params.keys() >= RECURRENT


def _alike(name: str, values: Sequence[Any]) -> None:
    for value in values[1:]:
        if value != values[0]:
            differ = f", not {values[0]} and {value}" if isinstance(value, str | int) else ""
            raise PhospheneError(f"members of an ensemble must have the same {name}{differ}")


def _joined(members: Sequence[Captioner], projections: Sequence[Array], shared: bool) -> Captioner:
    """`shared`: all members read the same features, else each its own part of them."""
    if not all(map(_plain, members)):
        raise PhospheneError("an ensemble takes rnn, lstm or gru as the recurrent layer, none that attends")
    _alike("words", [m.vocabulary_words for m in members])
    _alike("recurrent layer", [type(m.recurrent).__name__.lower() for m in members])
    _alike("setting fill_state", [m.fill_state for m in members])
    if shared:
        _alike("width of features", [m.features for m in members])
    first, parts, hidden = members[0], [m.params for m in members], [m.hidden for m in members]
    dtype = parts[0]["W_vocab"].dtype

    def side_by_side(name: str) -> Array:
        return np.concatenate([p[name] for p in parts], axis=-1)

    params = {
        "W_embed": side_by_side("W_embed"),
        "W_proj": np.concatenate(projections, axis=1) if shared else _blocks(projections, hidden),
        "b_proj": side_by_side("b_proj"),
        "W_vocab": np.concatenate([p["W_vocab"] for p in parts]) / dtype.type(len(members)),
        "b_vocab": np.asarray(sum(p["b_vocab"] for p in parts) / len(members), dtype),
        "recurrent.Wx": _blocks([p["recurrent.Wx"] for p in parts], hidden),
        "recurrent.Wh": _blocks([p["recurrent.Wh"] for p in parts], hidden),
    }
    gates = [p["recurrent.b"].reshape(-1, h) for p, h in zip(parts, hidden, strict=True)]
    params["recurrent.b"] = np.concatenate(gates, axis=1).reshape(-1)
    recurrent = attrs.evolve(first.recurrent, hidden=sum(hidden))  # type: ignore[call-arg]
    return attrs.evolve(
        first, recurrent=recurrent, features=len(params["W_proj"]), word_size=sum(m.word_size for m in members), params=params
    )


def _of_pictures(members: Sequence[PictureCaptioner]) -> PictureCaptioner:
    first, size = members[0], members[0].input_shape[1:]
    _alike("activation of the encoder", [m.activation for m in members])
    _alike("encoder", [m.encoder for m in members])
    seeing = [{k: v for k, v in m.params.items() if k.split(".")[0] not in OWN and k != "features.W"} for m in members]
    for member, other in zip(members[1:], seeing[1:], strict=True):
        alike = other.keys() == seeing[0].keys() and all(np.array_equal(other[k], v) for k, v in seeing[0].items())
        if not (alike and np.array_equal(member.mean_for(*size), first.mean_for(*size))):
            raise PhospheneError("members of an ensemble must share one encoder; these have been trained (fine_tune) each with its own")
    speakers, bases = [m.speaker for m in members], [m.params["features.W"] for m in members]
    shared = all(np.array_equal(b, bases[0]) for b in bases)
    joined = _joined(speakers, [s.params["W_proj"] for s in speakers], shared)
    basis = bases[0] if shared else np.concatenate(bases, axis=1)
    params = {**seeing[0], "features.W": basis, **outer("decoder", joined.params)}
    return attrs.evolve(
        first, decoder=attrs.evolve(joined, params={}, vocabulary_words=()), params=params, word_detection=0.0,
        learned_from=tuple(dict.fromkeys(text for m in members for text in m.learned_from)),
    )  # fmt: skip


def _blocks(matrices: Sequence[Array], hidden: Sequence[int]) -> Array:
    """Matrices (D_k, G H_k) as blocks of one (sum of D, G times sum of H), gate by gate."""
    depths = [len(m) for m in matrices]
    gates = matrices[0].shape[1] // hidden[0]
    out = np.zeros((sum(depths), gates, sum(hidden)), matrices[0].dtype)
    row = column = 0
    for matrix, depth, width in zip(matrices, depths, hidden, strict=True):
        out[row : row + depth, :, column : column + width] = matrix.reshape(depth, gates, width)
        row, column = row + depth, column + width
    return out.reshape(len(out), -1)
