"""The captioner inside this package: decoders, asked as one, for the embedded encoder of another plugin, which it names."""

from collections.abc import Sequence
from importlib.resources import as_file, files
from pathlib import Path

import attrs
import numpy as np

from phosphene_captioning.captioner import Captioner
from phosphene_captioning.ensemble import ensemble
from phosphene_captioning.picture_captioner import PictureCaptioner
from phosphene_core import modelfile
from phosphene_core.conversion import Resolver
from phosphene_core.errors import FileError, PhospheneError
from phosphene_core.layer import Array
from phosphene_core.model import ImageModel

NAME = "pretrained.h5"


def write(
    path: Path, members: Sequence[Captioner], encoder: str, activation: str, center: Array, basis: Array, learned_from: Sequence[str]
) -> None:
    """Write decoders that differ in their weights alone, in half precision, with the name of the encoder that they were
    trained on."""
    about, _ = modelfile.pack(members[0])
    halves = {f"member{i}": {k: v.astype(np.float16) for k, v in m.params.items()} for i, m in enumerate(members)}
    plain = basis.shape[0] == basis.shape[1] and np.array_equal(basis, np.eye(len(basis))) and not center.any()
    reduction = {} if plain else {"center": center.astype(np.float16), "basis": basis.astype(np.float16)}
    told = {"speaker": about, "encoder": encoder, "activation": activation, "learned_from": list(learned_from)}
    modelfile.write(path, told, {**halves, "reduction": reduction})


def read(resolve: Resolver, path: Path | None = None) -> PictureCaptioner:
    """The whole captioner: the decoders in `path` (default: those in this package) joined to their encoder, which
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
    members = []
    for name in [k for k in groups if k != "reduction"]:
        found = modelfile.unpack(described, {"params": groups[name]}, {"Captioner": Captioner}, resolve, str(path))
        assert isinstance(found, Captioner)
        members.append(found)
    try:
        found = ensemble(members)
    except PhospheneError as error:
        raise FileError(f"{path}: {error}") from None
    seeing = resolve(ImageModel, encoder)
    reduction = groups.get("reduction", {})
    center = reduction.get("center", np.zeros(found.features, np.float32))
    basis = reduction.get("basis", np.eye(found.features, dtype=np.float32))
    speaker = attrs.evolve(found, dropout=0.0)
    return PictureCaptioner.joined(seeing, activation, center, basis, speaker, learned_from=learned)
