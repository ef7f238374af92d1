"""How feature vectors came from pictures: kept beside them, so that a new photograph can be described the same way."""

from pathlib import Path
from typing import Self

import attrs

from phosphene_captioning.captioner import Captioner
from phosphene_captioning.picture_captioner import PictureCaptioner
from phosphene_core import modelfile
from phosphene_core.conversion import Resolver
from phosphene_core.errors import FileError, ShapeError
from phosphene_core.layer import Array
from phosphene_core.model import ImageModel

NAME = "reduction.h5"


@attrs.frozen(eq=False)
class Reduction:
    """`encoder` (a registered name or a model's file) and its `activation`, which less `center` (D,) times `basis` (D, K) is
    a feature vector."""

    encoder: str
    activation: str
    center: Array
    basis: Array

    def save(self, folder: Path) -> None:
        """Write `reduction.h5`."""
        about = {"encoder": self.encoder, "activation": self.activation}
        modelfile.write(folder / NAME, about, {"reduction": {"center": self.center, "basis": self.basis}})

    @classmethod
    def read(cls, folder: Path) -> Self:
        """From the folder that `data prepare captions` wrote. `FileError` if it has none, or one that is damaged."""
        path = folder / NAME
        if not path.exists():
            raise FileError(f"{path} does not exist: only what `data prepare captions` wrote tells how a picture is described")
        about, groups = modelfile.read(path)
        try:
            encoder, activation = str(about["encoder"]), str(about["activation"])
            center, basis = groups["reduction"]["center"], groups["reduction"]["basis"]
        except (KeyError, TypeError):
            raise FileError(f"{path} does not tell its encoder, activation, center and basis; prepare the features again") from None
        if center.ndim != 1 or basis.ndim != 2 or len(basis) != len(center):
            raise FileError(f"{path}: center {center.shape} and basis {basis.shape} do not fit")
        return cls(encoder, activation, center, basis)

    def joined(self, resolve: Resolver, speaker: Captioner) -> PictureCaptioner:
        """The whole captioner, from pixels, of one that has learned from such features."""
        if speaker.features != self.basis.shape[1]:
            raise ShapeError(
                f"these features have {self.basis.shape[1]} columns; the captioner reads {speaker.features}: it has learned from "
                "others"
            )
        return PictureCaptioner.joined(resolve(ImageModel, self.encoder), self.activation, self.center, self.basis, speaker)
