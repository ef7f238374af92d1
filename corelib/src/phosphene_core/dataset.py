"""A data set gives batches of named arrays from its splits."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import attrs
import numpy as np

from phosphene_core.errors import EmptyError, unknown
from phosphene_core.layer import Array

Batch = Mapping[str, Array]
"""Named arrays with the batch axis first: `images`, `labels`, `captions`, `features`, ..."""


@attrs.frozen
class Dataset(ABC):
    """Examples in named splits. Subclasses hold settings (a path, say) and open their files when first asked."""

    splits: ClassVar[tuple[str, ...]] = ("train", "val")

    @abstractmethod
    def size(self, split: str) -> int:
        """How many examples the split holds."""

    @abstractmethod
    def batch(self, split: str, rows: Array, rng: np.random.Generator | None = None) -> Batch:
        """The examples at `rows` (N,). With an `rng`, augmented for training where the data set can do that."""

    def facts(self) -> dict[str, Any]:
        """What a model that is trained on this data should know and keep: class names, the mean image, a
        vocabulary, ... Names are the model's fields."""
        return {}

    def batches(self, split: str, batch_size: int, limit: int | None = None) -> Iterator[Batch]:
        """The split once, in order, unchanged; at most `limit` examples."""
        self.check_split(split)
        count = self.size(split) if limit is None else min(limit, self.size(split))
        for start in range(0, count, batch_size):
            yield self.batch(split, np.arange(start, min(start + batch_size, count)))

    def check_split(self, split: str) -> None:
        """`NotFoundError` for an unknown split, `EmptyError`, a `FileError`, for an empty one."""
        if split not in self.splits:
            raise unknown("split", split, self.splits)
        if self.size(split) == 0:
            raise EmptyError(f"the split '{split}' of {self} is empty")
