"""What a model takes a class to be: a picture from nothing that it is sure of."""

from typing import ClassVar

import attrs

from phosphene_imageopt import Visualization


@attrs.frozen
class ClassVisualization(Visualization):
    """A picture from nothing that raises a class's score.

    Ascends the unnormalized score of a class from noise (Simonyan, Vedaldi and Zisserman 2014). The spectrum as basis,
    decorrelated colour and random jitter, scale and rotation (Olah, Mordvintsev and Schubert 2017) give shapes that
    another model recognizes too; `basis=pixels` with `l2` and `blur` is the classic recipe.
    """

    paper: ClassVar[str] = "Simonyan, Vedaldi, Zisserman 2014; Olah, Mordvintsev, Schubert 2017"
    examples: ClassVar[tuple[str, ...]] = tuple(f"class_score:target={name}" for name in ("espresso", "ladybug", "tabby"))
