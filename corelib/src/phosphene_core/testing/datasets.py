"""What every data set promises."""

import numpy as np

from phosphene_core.dataset import Dataset
from phosphene_core.testing.contract import require


def check_dataset(dataset: Dataset) -> None:
    """Hold a data set to its contract: sizes, batches with the batch axis first, the same rows the same bytes, the same
    seed the same augmentation, a batch of none."""
    for split in dataset.splits:
        size = dataset.size(split)
        require(size >= 0, f"the split '{split}' has size {size}")
        if size == 0:
            continue
        rows = np.array([0, size - 1, 0])
        batch = dataset.batch(split, rows)
        for name, values in batch.items():
            require(len(values) == 3, f"'{name}' of three rows of '{split}' has {len(values)}")
            require(np.array_equal(values[0], values[2]), f"'{name}' of one row of '{split}' came out in two ways")
        augmented = [dataset.batch(split, rows, np.random.default_rng(1)) for _ in range(2)]
        for name in batch:
            same = np.array_equal(augmented[0][name], augmented[1][name])
            require(same, f"'{name}' of '{split}': the same seed gave another augmentation")
        for name, values in dataset.batch(split, rows[:0]).items():
            require(len(values) == 0, f"'{name}' of no rows of '{split}' has {len(values)}")
