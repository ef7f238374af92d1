"""The training loop: batches, schedule, clipping, evaluation, checkpoints and resuming.

Every random choice is drawn from (seed, epoch, step), so a resumed run repeats the one that was never stopped without
any generator's state to keep.
"""

import contextlib
import logging
import math
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from phosphene_core import checkpoint, modelfile
from phosphene_core.checkpoint import BEST, CHECKPOINT, HISTORY
from phosphene_core.dataset import Dataset
from phosphene_core.errors import FileError, PhospheneError
from phosphene_core.evaluation import evaluate
from phosphene_core.layer import Array, Need, Pass
from phosphene_core.lock import locked
from phosphene_core.model import Model
from phosphene_core.optimizer import Optimizer
from phosphene_core.schedule import factor
from phosphene_core.train_settings import TrainSettings
from phosphene_core.wholefile import sweep

__all__ = ["BEST", "CHECKPOINT", "HISTORY", "Diverged", "Step", "TrainSettings", "Trainer", "clip", "evaluate"]

RECOVERIES = 5
log = logging.getLogger(__name__)


class Diverged(PhospheneError):
    """The loss, or what a run would save, is no finite number any more."""


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
        self.sums: dict[str, float] = {}
        self.scale = 1.0
        """What recoveries have left of the learning rate."""
        self._held = False

    @property
    def total(self) -> int:
        return self.steps_per_epoch * self.settings.epochs

    @property
    def trained(self) -> Model:
        """The model as it is evaluated and saved: with averaged weights where `average` is on."""
        return self.model if self.averaged is None else attrs.evolve(self.model, params=self.averaged)

    def steps(self) -> Iterator[Step]:
        """Trains, one update per item, from where it stands to the end."""
        with self.held():
            if self.settings.recover is not None and self.step == 0:
                self.save()  # there is something to go back to from the start
            self._tell("training_started", trainer=self)
            try:
                while self.step < self.total:
                    try:
                        yield self._update()
                        if self.step % self.steps_per_epoch == 0:
                            self._finish_epoch()
                        elif self.settings.checkpoint_every and self.step % self.settings.checkpoint_every == 0:
                            self.save()
                    except Diverged as error:
                        self._recover(error)
            finally:
                self._tell("training_finished", trainer=self)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """The folder is this run's alone for the block; `FileError` if another run writes into it. May be nested."""
        if self.folder is None or self._held:
            yield
            return
        with locked(self.folder, self._busy):
            sweep(self.folder, CHECKPOINT, BEST, HISTORY)
            self._held = True
            try:
                yield
            finally:
                self._held = False

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
            raise self._diverged(f"the loss is {loss} at step {self.step + 1} (epoch {epoch + 1})")
        replaced = self._tell("reduce_gradients", grads=grads)
        grads = grads if replaced is None else replaced
        if s.clip_norm is not None:
            clip(grads, s.clip_norm)
        self.optimizer.update(
            self.trainable, grads, self.state, self.scale * factor(s, self.step, self.steps_per_epoch)
        )
        for name, value in run.buffers.items():
            self.params[name][...] = value
        self.step += 1
        if self.averaged is not None:
            keep = min(s.average, self.step / (self.step + 10))  # a young average follows closely
            for name, value in self.params.items():
                self.averaged[name] += (1 - keep) * (value - self.averaged[name])
        for measure, number in {"loss": loss, **measures}.items():
            self.sums[measure] = self.sums.get(measure, 0.0) + float(number) * len(rows)
        self.sums["examples"] = self.sums.get("examples", 0.0) + len(rows)
        seconds = time.perf_counter() - started
        step = Step(self.step, self.total, epoch + 1, float(loss), dict(measures), len(rows), seconds)
        self._tell("step_finished", trainer=self, step=step)
        return step

    def _finish_epoch(self) -> None:
        count = self.sums.pop("examples", 1.0)
        record: dict[str, Any] = {"epoch": self.step // self.steps_per_epoch, "step": self.step}
        record["train"] = {k: v / count for k, v in self.sums.items()}
        self.sums = {}
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
        if self.folder:  # the checkpoint last: who resumes from the one before writes the others again
            self._check_finite()
            checkpoint.write_lines(self.folder / HISTORY, self.history)
            if better:
                modelfile.save_model(self.trained, self.folder / BEST, epoch=record["epoch"], measured=measured)
            self.save()
        self._tell("epoch_finished", trainer=self, record=record)

    def save(self) -> None:
        """Write the checkpoint `last.h5`: everything that `resume` needs. `Diverged` keeps the last good one."""
        if self.folder is not None:
            self._check_finite()
            checkpoint.save(self, self.folder / CHECKPOINT)

    def resume(self) -> bool:
        """Go back to the checkpoint in `folder`, if there is one, and say whether there was."""
        if self.folder is None or not (self.folder / CHECKPOINT).exists():
            return False
        checkpoint.restore(self, self.folder / CHECKPOINT)
        return True

    def _recover(self, error: Diverged) -> None:
        """Go back to the last checkpoint with a lower learning rate, if that is asked for and there is one."""
        factor = self.settings.recover
        if factor is None or self.scale * factor < factor**RECOVERIES * 0.999:
            raise error
        scale = self.scale * factor
        if not self.resume():
            raise error
        self.scale = scale
        self.save()
        log.info("%s: back to step %d with %.3g of the learning rate", str(error).split(";")[0], self.step, scale)

    def _check_finite(self) -> None:
        for arrays in (self.params, self.state, self.averaged or {}):
            for name, value in arrays.items():
                if not np.isfinite(value).all():
                    raise self._diverged(f"'{name}' is no longer finite after step {self.step}")

    def _diverged(self, what: str) -> Diverged:
        where = f" and resume from {self.folder / CHECKPOINT}" if self.folder else ""
        return Diverged(f"{what}; lower the learning rate or clip the gradients{where}")

    def _busy(self) -> None:
        raise FileError(f"another run is writing into {self.folder}; wait for it, or name another folder")

    def _tell(self, hook: str, **arguments: Any) -> Any:
        return getattr(self.hooks, hook)(**arguments) if self.hooks is not None else None


def clip(grads: dict[str, Array], largest: float) -> float:
    """Scale all gradients together so that their joint norm is at most `largest`; the norm before. Pascanu 2013."""
    norm = math.sqrt(sum(float(np.vdot(g, g)) for g in grads.values()))
    if norm > largest:
        for g in grads.values():
            g *= largest / norm
    return norm
