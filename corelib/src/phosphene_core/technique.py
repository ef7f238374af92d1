"""A technique asks a model an objective about pictures: an attribution draws maps, a generation makes pictures."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar, Literal

import attrs
import numpy as np

from phosphene_core.layer import Array
from phosphene_core.model import ImageModel
from phosphene_core.objective import Objective


@attrs.frozen
class Technique(ABC):
    """Settings, and what they do. Techniques never print, plot or sleep; randomness comes from the `rng` alone."""

    title: ClassVar[str] = ""
    """Its name as papers write it, for headings; where there is none, the registered name."""

    paper: ClassVar[str] = ""
    """Authors and year, as in the documentation."""

    objective: ClassVar[str] = "class_score"
    """The registered objective that is asked when the user names none."""

    model: ClassVar[str | None] = None
    """The registered model that is asked when the user names none; None: the first one that brings its own weights."""

    examples: ClassVar[tuple[str, ...]] = ()
    """Questions that show it well, as `--objective` takes them, for a page that shows what there is."""

    picture: ClassVar[Literal["square", "whole", "none"]] = "square"
    """What it starts from: the centred square at the model's size, the whole photograph, or nothing."""


@attrs.frozen
class Result:
    """What an attribution found. `maps` (N, H, W), signed where the technique is; `values` (N,), the objective;
    `facts`: further numbers by name, JSON values or arrays with the batch axis first."""

    maps: Array
    values: Array
    facts: dict[str, Any] = attrs.field(factory=dict)

    @property
    def blank(self) -> Array:
        """(N,) True where a map is zero everywhere: there is nothing to draw, and that wants a word."""
        return np.logical_not(self.maps.any(axis=(1, 2)))


@attrs.frozen
class Attribution(Technique):
    """Says which pixels matter for an objective."""

    @abstractmethod
    def attribute(self, model: ImageModel, images: Array, objective: Objective, rng: np.random.Generator) -> Result:
        """The maps for `images` (N, 3, H, W), model input. `objective` is bound already."""


@attrs.frozen
class Frame:
    """One moment of a generation: `images` (N, 3, H, W) in the model's input space, `values` (N,) the objective."""

    step: int
    steps: int
    images: Array
    values: Array
    facts: dict[str, Any] = attrs.field(factory=dict)


@attrs.frozen
class Generation(Technique):
    """Makes pictures, frame by frame. The last frame is the result; whoever drives it may stop early."""

    @abstractmethod
    def frames(
        self, model: ImageModel, images: Array, objective: Objective, rng: np.random.Generator
    ) -> Iterator[Frame]:
        """Yields frames. `images` (N, 3, H, W) is where it starts; `objective` is bound already."""
