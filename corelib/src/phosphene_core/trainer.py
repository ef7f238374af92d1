"""The training loop: batches, schedule, clipping, evaluation, checkpoints and resuming.

Every random choice is drawn from (seed, epoch, step), so a resumed run repeats the one that was never stopped without
any generator's state to keep.
"""

import contextlib
import json
import math
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from phosphene_core import modelfile
from phosphene_core.dataset import Dataset
from phosphene_core.errors import FileError, PhospheneError
from phosphene_core.layer import Array, Need, Pass
from phosphene_core.model import Model
from phosphene_core.optimizer import Optimizer
from phosphene_core.options import option
from phosphene_core.schedule import factor

CHECKPOINT, BEST, HISTORY = "last.h5", "best.h5", "history.jsonl"


@attrs.frozen
class TrainSettings:
    """How to train, whatever the model."""

    epochs: int = option(10, "times through the training split", ge=0)
    batch_size: int = option(100, "examples per update", ge=1)
    schedule: str = option("constant", "learning rate over time", choices=("constant", "step", "cosine", "onecycle"))
    warmup: float = option(0.2, "share of the run in which onecycle rises", ge=0, le=1)
    decay: float = option(0.5, "factor of the step schedule", gt=0, le=1)
    decay_every: int = option(5, "epochs between factors of the step schedule", ge=1)
    clip_norm: float | None = option(None, "largest norm of all gradients together", gt=0)
    average: float = option(0.0, "decay of the running average of weights that is evaluated and saved", ge=0, lt=1)
    max_train: int | None = option(None, "use only so many training examples", ge=1)
    max_val: int | None = option(None, "evaluate on only so many examples", ge=1)
    checkpoint_every: int = option(0, "updates between checkpoints, besides the one after each epoch", ge=0)
    seed: int = option(0, "seed of everything that is random", ge=0)


@attrs.frozen
class Step:
    """One update: its number (from 1), of how many, its epoch (from 1), and what it measured."""

    number: int
    total: int
    epoch: int
    loss: float
    measures: dict[str, float]
    examples: int
    seconds: float


class Trainer:
    """Trains a model on a data set. Iterate over `steps()`; the trainer saves and evaluates on its way.

    `folder`: where checkpoints (`last.h5`, `best.h5`) and the history (`history.jsonl`, a line per epoch) go; None
    keeps everything in memory. `hooks`: an object with the observing hooks as methods (the registry's relay).
    """

    def __init__(
        self,
        model: Model,
        dataset: Dataset,
        optimizer: Optimizer,
        settings: TrainSettings = TrainSettings(),
        folder: str | os.PathLike[str] | None = None,
        hooks: Any = None,
    ) -> None:
        dataset.check_split("train")
        self.dataset, self.optimizer, self.settings, self.hooks = dataset, optimizer, settings, hooks
        self.folder = Path(folder) if folder is not None else None
        self.params: dict[str, Array] = {k: np.array(v) for k, v in model.params.items()}
        self.trainable = {k: v for k, v in self.params.items() if k not in set(model.buffers)}
        self.model = attrs.evolve(model, params=self.params)
        self.averaged = {k: v.copy() for k, v in self.params.items()} if settings.average else None
        self.state = optimizer.start(self.trainable)
        self.history: list[dict[str, Any]] = []
        self.best = -math.inf
        self.step = 0
        self.examples = min(dataset.size("train"), settings.max_train or dataset.size("train"))
        self.steps_per_epoch = math.ceil(self.examples / settings.batch_size)
        self._sums: dict[str, float] = {}

    @property
    def total(self) -> int:
        return self.steps_per_epoch * self.settings.epochs

    @property
    def trained(self) -> Model:
        """The model as it is evaluated and saved: with averaged weights where `average` is on."""
        return self.model if self.averaged is None else attrs.evolve(self.model, params=self.averaged)

    def steps(self) -> Iterator[Step]:
        """Trains, one update per item, from where it stands to the end."""
        self._tell("training_started", trainer=self)
        try:
            while self.step < self.total:
                yield self._update()
                if self.step % self.steps_per_epoch == 0:
                    self._finish_epoch()
                elif self.settings.checkpoint_every and self.step % self.settings.checkpoint_every == 0:
                    self.save()
        finally:
            self._tell("training_finished", trainer=self)

    def run(self) -> Model:
        """All steps at once; the trained model."""
        for _ in self.steps():
            pass
        return self.trained

    def _update(self) -> Step:
        started = time.perf_counter()
        s = self.settings
        epoch, place = divmod(self.step, self.steps_per_epoch)
        order = np.random.default_rng([s.seed, 1, epoch]).permutation(self.examples)
        rows = order[place * s.batch_size : (place + 1) * s.batch_size]
        rng = np.random.default_rng([s.seed, 2, self.step])
        batch = self.dataset.batch("train", rows, rng)
        run = Pass(train=True, rng=rng, need=Need.PARAMS, progress=self.step / self.total)
        loss, measures, grads = self.model.loss(batch, run)
        if not math.isfinite(loss):
            raise PhospheneError(
                f"the loss is {loss} at step {self.step + 1} (epoch {epoch + 1}); lower the learning rate or clip the "
                f"gradients{f' and resume from {self.folder / CHECKPOINT}' if self.folder else ''}"
            )
        replaced = self._tell("reduce_gradients", grads=grads)
        grads = grads if replaced is None else replaced
        if s.clip_norm is not None:
            clip(grads, s.clip_norm)
        self.optimizer.update(self.trainable, grads, self.state, factor(s, self.step, self.steps_per_epoch))
        for name, value in run.buffers.items():
            self.params[name][...] = value
        self.step += 1
        if self.averaged is not None:
            keep = min(s.average, self.step / (self.step + 10))  # a young average follows closely
            for name, value in self.params.items():
                self.averaged[name] += (1 - keep) * (value - self.averaged[name])
        for measure, number in {"loss": loss, **measures}.items():
            self._sums[measure] = self._sums.get(measure, 0.0) + float(number) * len(rows)
        self._sums["examples"] = self._sums.get("examples", 0.0) + len(rows)
        seconds = time.perf_counter() - started
        step = Step(self.step, self.total, epoch + 1, float(loss), dict(measures), len(rows), seconds)
        self._tell("step_finished", trainer=self, step=step)
        return step

    def _finish_epoch(self) -> None:
        count = self._sums.pop("examples", 1.0)
        record: dict[str, Any] = {"epoch": self.step // self.steps_per_epoch, "step": self.step}
        record["train"] = {k: v / count for k, v in self._sums.items()}
        self._sums = {}
        if "val" in self.dataset.splits and self.dataset.size("val"):
            trained, limit = self.trained, self.settings.max_val
            record["val"] = evaluate(trained, self.dataset, "val", self.settings.batch_size, limit)
            record["val"] |= trained.judged(self.dataset, "val", limit)
        self.history.append(record)
        measured = record.get("val", record["train"])
        criterion = self.model.criterion
        score = -measured["loss"] if criterion == "loss" else measured.get(criterion, -measured["loss"])
        better = score > self.best
        self.best = max(score, self.best)
        if self.folder:
            self.save()
            write_lines(self.folder / HISTORY, self.history)
            if better:
                modelfile.save_model(self.trained, self.folder / BEST, epoch=record["epoch"], measured=measured)
        self._tell("epoch_finished", trainer=self, record=record)

    def save(self) -> None:
        """Write the checkpoint `last.h5`: everything that `resume` needs."""
        if self.folder is None:
            return
        about, groups = modelfile.pack(self.trained)
        progress = {"step": self.step, "best": self.best if math.isfinite(self.best) else None, "sums": self._sums,
                    "history": self.history, "settings": attrs.asdict(self.settings), "examples": self.examples}  # fmt: skip
        groups["optimizer"] = self.state
        if self.averaged is not None:
            groups["raw"] = self.params
        modelfile.write(self.folder / CHECKPOINT, {"model": about, "progress": progress}, groups)

    def resume(self) -> bool:
        """Go back to the checkpoint in `folder`, if there is one, and say whether there was."""
        if self.folder is None or not (self.folder / CHECKPOINT).exists():
            return False
        path = self.folder / CHECKPOINT
        about, groups = modelfile.read(path)
        progress = about.get("progress")
        if not isinstance(progress, dict):
            raise FileError(f"{path} is a model, not a checkpoint; nothing can be resumed from it")
        raw = groups["raw"] if "raw" in groups else groups.get("params", {})
        for kind, mine, theirs in (("parameter", self.params, raw), ("optimizer state", self.state, groups.get("optimizer", {}))):
            for name, value in mine.items():
                if name not in theirs or theirs[name].shape != value.shape:
                    raise FileError(f"{path}: the {kind} '{name}' does not fit this run; use the same settings to resume")
                value[...] = theirs[name]
        if progress["examples"] != self.examples or progress["settings"]["batch_size"] != self.settings.batch_size:
            raise FileError(f"{path} was made with another batch size or data set; use the same settings to resume")
        if self.averaged is not None:
            for name, value in self.averaged.items():
                value[...] = groups["params"][name]
        self.step, self.history, self._sums = progress["step"], progress["history"], progress["sums"]
        self.best = -math.inf if progress["best"] is None else progress["best"]
        return True

    def _tell(self, hook: str, **arguments: Any) -> Any:
        return getattr(self.hooks, hook)(**arguments) if self.hooks is not None else None


def clip(grads: dict[str, Array], largest: float) -> float:
    """Scale all gradients together so that their joint norm is at most `largest`; the norm before. Pascanu 2013."""
    norm = math.sqrt(sum(float(np.vdot(g, g)) for g in grads.values()))
    if norm > largest:
        for g in grads.values():
            g *= largest / norm
    return norm


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


def write_lines(path: Path, records: list[dict[str, Any]]) -> None:
    """JSON lines, written whole or not at all."""
    temporary = path.with_name(f".{path.name}.new")
    try:
        temporary.write_text("".join(json.dumps(r) + "\n" for r in records))
        os.replace(temporary, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise FileError(f"cannot write {path}: {error.strerror or error}") from None
