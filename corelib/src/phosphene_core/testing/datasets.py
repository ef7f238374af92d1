"""What every data set promises."""

from collections.abc import Mapping

import numpy as np

from phosphene_core.dataset import Batch, Dataset
from phosphene_core.errors import NotFoundError
from phosphene_core.testing.contract import ContractError, identical, require


def check_dataset(dataset: Dataset | type[Dataset]) -> None:
    """Hold a data set, or a class's own `example(rng)`, to its contract: sizes, batches with the batch axis first, the
    same rows the same bytes, the same seed the same augmentation, a batch of none, labels that have a name, and an
    error for a split that there is not."""
    if isinstance(dataset, type):
        example = getattr(dataset, "example", None)
        if example is None:
            raise ContractError(f"{dataset.__name__} has no classmethod example(rng) that gives a small one to check")
        dataset = example(np.random.default_rng(0))
    assert isinstance(dataset, Dataset)
    for split in dataset.splits:
        size = dataset.size(split)
        require(size >= 0, f"the split '{split}' has size {size}")
        if size:
            _check_split(dataset, split, size)
    unnamed = "no split is called this"
    try:
        dataset.check_split(unnamed)
    except NotFoundError:
        return
    raise ContractError("check_split accepts a split that there is not; it should raise NotFoundError")


def _check_split(dataset: Dataset, split: str, size: int) -> None:
    rows = np.array([0, size - 1, 0])
    batch = dataset.batch(split, rows)
    require(isinstance(batch, Mapping), f"a batch must be a dict of arrays, not {type(batch).__name__}")
    for name, values in batch.items():
        require(isinstance(values, np.ndarray), f"'{name}' of '{split}' is {type(values).__name__}, not an array")
        require(len(values) == 3, f"'{name}' of three rows of '{split}' has {len(values)}")
        require(np.array_equal(values[0], values[2]), f"'{name}' of one row of '{split}' came out in two ways")
        finite = values.dtype.kind != "f" or bool(np.isfinite(values).all())
        require(finite, f"'{name}' of '{split}' holds NaN or infinite values")
    identical(batch, dataset.batch(split, rows), f"the same rows of '{split}' gave another '{{}}' when asked again")
    _check_facts(dataset, split, batch)
    one, two = (dataset.batch(split, rows, np.random.default_rng(1)) for _ in range(2))
    identical(one, two, f"'{{}}' of '{split}': the same seed gave another augmentation")
    for name, values in dataset.batch(split, rows[:0]).items():
        require(len(values) == 0, f"'{name}' of no rows of '{split}' has {len(values)}")


def _check_facts(dataset: Dataset, split: str, batch: Batch) -> None:
    names = dataset.facts().get("class_names", ())
    if not names or "labels" not in batch:
        return
    labels = batch["labels"]
    if labels.ndim == 1:
        most = int(labels.max())
        require(most < len(names), f"a label of '{split}' is {most}, and facts() names {len(names)} classes")
    else:  # a row of yes and no for each example: several classes may be there at once
        wide = labels.shape[1]
        require(wide == len(names), f"labels of '{split}' tell of {wide} classes, and facts() names {len(names)}")
