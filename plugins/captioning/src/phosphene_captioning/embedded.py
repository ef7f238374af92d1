"""The captioner inside this package: a decoder for the embedded encoder of another plugin, which it names."""

from collections.abc import Sequence
from importlib.resources import as_file, files
from pathlib import Path

import attrs
import numpy as np

from phosphene_captioning.captioner import Captioner
from phosphene_captioning.picture_captioner import PictureCaptioner
from phosphene_core import modelfile
from phosphene_core.conversion import Resolver
from phosphene_core.errors import FileError
from phosphene_core.layer import Array
from phosphene_core.model import ImageModel

NAME = "pretrained.h5"


def write(
    path: Path, speaker: Captioner, encoder: str, activation: str, center: Array, basis: Array, learned_from: Sequence[str]
) -> None:
    """Write a decoder, in half precision, with the name of the encoder that it was trained on."""
    about, groups = modelfile.pack(speaker)
    params = {k: v.astype(np.float16) for k, v in groups["params"].items()}
    plain = basis.shape[0] == basis.shape[1] and np.array_equal(basis, np.eye(len(basis))) and not center.any()
    reduction = {} if plain else {"center": center.astype(np.float16), "basis": basis.astype(np.float16)}
    told = {"speaker": about, "encoder": encoder, "activation": activation, "learned_from": list(learned_from)}
    modelfile.write(path, told, {"params": params, "reduction": reduction})


def read(resolve: Resolver, path: Path | None = None) -> PictureCaptioner:
    """The whole captioner: the decoder in `path` (default: the one in this package) joined to its encoder, which
    `resolve` loads. `FileError` if the file is not what `write` writes."""
    if path is None:
        with as_file(files("phosphene_captioning") / NAME) as inside:
            return read(resolve, inside)
    about, groups = modelfile.read(path)
    try:
        encoder, activation, learned = about["encoder"], about["activation"], tuple(about["learned_from"])
        described = about["speaker"]
    except (KeyError, TypeError):
        raise FileError(f"{path} does not describe a captioner and its encoder") from None
    found = modelfile.unpack(described, groups, {"Captioner": Captioner}, resolve, str(path))
    assert isinstance(found, Captioner)
    seeing = resolve(ImageModel, encoder)
    reduction = groups.get("reduction", {})
    center = reduction.get("center", np.zeros(found.features, np.float32))
    basis = reduction.get("basis", np.eye(found.features, dtype=np.float32))
    speaker = attrs.evolve(found, dropout=0.0)
    return PictureCaptioner.joined(seeing, activation, center, basis, speaker, learned_from=learned)
