"""A model's mean loss and measures over a split."""

from collections.abc import Callable

from phosphene_core.dataset import Batch, Dataset
from phosphene_core.layer import Need, Pass
from phosphene_core.model import Model


class Stopped(Exception):
    """Whoever drives the work wants it to end."""


def evaluate(
    model: Model, dataset: Dataset, split: str, batch_size: int = 100, limit: int | None = None,
    stop: Callable[[], bool] = lambda: False, read: Callable[[Batch], Batch] = lambda batch: batch,
) -> dict[str, float]:  # fmt: skip
    """The mean loss and measures over a split. `stop` is asked after each batch; if it says yes, `Stopped` is raised. `read`:
    what turns the data's batches into the model's (`Model.reading`)."""
    sums: dict[str, float] = {}
    count = 0
    for batch in dataset.batches(split, batch_size, limit):
        size = len(next(iter(batch.values())))
        loss, measures, _ = model.loss(read(batch), Pass(need=Need.NOTHING))
        if stop():
            raise Stopped
        count += size
        for name, value in {"loss": loss, **measures}.items():
            sums[name] = sums.get(name, 0.0) + float(value) * size
    return {name: value / count for name, value in sums.items()}
