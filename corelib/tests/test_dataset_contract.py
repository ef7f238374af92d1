"""The contract of datasets lets what is right pass, and tells what is broken in words."""

from typing import ClassVar

import attrs
import numpy as np
import pytest

from phosphene_core import Dataset, option
from phosphene_core.testing import ContractError, check_dataset


@attrs.frozen
class Stripes(Dataset):
    """Made numbers, broken on request."""

    splits: ClassVar[tuple[str, ...]] = ("train",)
    fault: str = option("", "what to do wrong")

    def size(self, split):
        return -1 if self.fault == "size" else 4

    def batch(self, split, rows, rng=None):
        count = len(rows) + 1 if self.fault == "more" else len(rows)
        images = np.broadcast_to(np.resize(rows, count)[:, None], (count, 3)).astype(float)
        if self.fault == "places":
            images = images + np.arange(count)[:, None]
        if self.fault == "random":
            images = images + np.random.default_rng().random()
        if self.fault == "augment" and rng is not None:
            images = images + np.random.default_rng().random()
        if self.fault == "nan":
            images = images * np.nan
        return {"images": list(images) if self.fault == "list" else images, "labels": np.resize(rows, count)}

    def facts(self):
        return {"class_names": ("a", "b", "c") if self.fault == "names" else ("a", "b", "c", "d")}

    def check_split(self, split):
        if self.fault != "split":
            super().check_split(split)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("size", "the split 'train' has size -1"),
        ("more", "'images' of three rows of 'train' has 4"),
        ("places", "'images' of one row of 'train' came out in two ways"),
        ("random", "the same rows of 'train' gave another 'images' when asked again"),
        ("augment", "'images' of 'train': the same seed gave another augmentation"),
        ("nan", "'images' of .* (came out in two ways|holds NaN)"),
        ("list", "'images' of 'train' is list, not an array"),
        ("names", r"a label of 'train' is 3, and facts\(\) names 3 classes"),
        ("split", "check_split accepts a split that there is not"),
    ],
)
def test_a_broken_dataset_is_told_what_is_wrong(fault, message):
    check_dataset(Stripes())
    with pytest.raises(ContractError, match=message):
        check_dataset(Stripes(fault))
