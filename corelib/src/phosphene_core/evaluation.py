"""A model's mean loss and measures over a split."""

from phosphene_core.dataset import Dataset
from phosphene_core.layer import Need, Pass
from phosphene_core.model import Model


def evaluate(
    model: Model, dataset: Dataset, split: str, batch_size: int = 100, limit: int | None = None
) -> dict[str, float]:
    """The mean loss and measures over a split."""
    sums: dict[str, float] = {}
    count = 0
    for batch in dataset.batches(split, batch_size, limit):
        size = len(next(iter(batch.values())))
        loss, measures, _ = model.loss(batch, Pass(need=Need.NOTHING))
        count += size
        for name, value in {"loss": loss, **measures}.items():
            sums[name] = sums.get(name, 0.0) + float(value) * size
    return {name: value / count for name, value in sums.items()}
