"""What maps are judged on: pictures, a question about each, and what is known of the answer."""

from collections.abc import Callable

import attrs
import numpy as np

from phosphene_core.layer import Array
from phosphene_core.model import ImageModel
from phosphene_core.objective import Objective, image_value


@attrs.frozen(eq=False)
class Questions:
    """`images` (N, 3, H, W), model input, and one bound `objective` that asks about each of them.

    `covers` (N, 3, H, W): the same pictures with nothing to see in them. `masks` (N, H, W) bool, where it is known: the
    pixels of the thing that is asked about. `words`: each question, for people. `target`: the class that each asks
    about (N,), or None where `answer` (by default the objective itself) gives the logarithm of its probability.
    """

    model: ImageModel
    images: Array
    objective: Objective
    covers: Array
    words: tuple[str, ...]
    masks: Array | None = None
    target: Array | None = None
    answer: Objective | None = None

    def __len__(self) -> int:
        return len(self.images)

    def probability(self, images: Array, rows: Array) -> Array:
        """How probable the model finds the answer of the question at each of `rows` (M,), in versions (M, 3, H, W) of
        their pictures."""
        if self.target is None:
            return np.exp(image_value(self.model, images, (self.answer or self.objective).select(rows)))
        return np.asarray(self.model.predict(images)[np.arange(len(rows)), self.target[rows]])

    def first(self, count: int) -> "Questions":
        """The first `count` of them."""
        if count >= len(self):
            return self
        kept = slice(count)
        return attrs.evolve(
            self, images=self.images[kept], objective=self.objective.select(np.arange(count)), covers=self.covers[kept],
            words=self.words[kept], masks=None if self.masks is None else self.masks[kept],
            target=None if self.target is None else self.target[kept],
            answer=None if self.answer is None else self.answer.select(np.arange(count)),
        )  # fmt: skip


Maps = Callable[[ImageModel, Array, Objective], Array]
"""An attribution, ready to be asked: `maps(model, images, objective) -> (N, H, W)`. Asked twice it gives the same."""
