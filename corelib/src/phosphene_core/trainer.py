"""The training loop: updates, evaluation, checkpoints and resuming."""

import contextlib
import logging
import math
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from phosphene_core import modelfile
from phosphene_core.checkpoint import BEST, CHECKPOINT, HISTORY, restore, write, write_lines
from phosphene_core.clipping import clip
from phosphene_core.dataset import Dataset
from phosphene_core.divergence import Diverged, diverged, lowered, not_finite
from phosphene_core.errors import EmptyError, FileError
from phosphene_core.evaluation import Stopped, evaluate
from phosphene_core.layer import Array
from phosphene_core.lock import locked
from phosphene_core.model import Model
from phosphene_core.optimizer import Optimizer
from phosphene_core.train_settings import TrainSettings
from phosphene_core.training_step import Step, update
from phosphene_core.wholefile import sweep

__all__ = ["BEST", "CHECKPOINT", "HISTORY", "Diverged", "Step", "TrainSettings", "Trainer", "clip", "evaluate"]

log = logging.getLogger(__name__)


class Trainer:
    """Trains a model on a data set. Iterate over `steps()`; the trainer saves and evaluates on its way.

    `folder`: where checkpoints (`last.h5`, `best.h5`) and the history (`history.jsonl`, a line per epoch) go; None
    keeps everything in memory. `hooks`: an object with the observing hooks as methods (the registry's relay). `stop`:
    asked after every update and between the batches of an evaluation; once it says yes, the run saves and ends.
    """

    def __init__(
        self,
        model: Model,
        dataset: Dataset,
        optimizer: Optimizer,
        settings: TrainSettings = TrainSettings(),
        folder: str | os.PathLike[str] | None = None,
        hooks: Any = None,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        dataset.check_split("train")
        self.validates = _validates(dataset)
        self.dataset, self.optimizer, self.settings = dataset, optimizer, settings
        self.hooks, self.stop = hooks, stop
        self.folder = Path(folder) if folder is not None else None
        self.params: dict[str, Array] = {k: np.array(v) for k, v in model.params.items()}
        self.trainable = {k: v for k, v in self.params.items() if k not in set(model.buffers)}
        self.model = attrs.evolve(model, params=self.params)
        self.averaged = {k: v.copy() for k, v in self.params.items()} if settings.average else None
        self.state = optimizer.start(self.trainable)
        self.history: list[dict[str, Any]] = []
        self.best = -math.inf
        self.step = 0
        count = dataset.size("train")
        self.examples = min(count, settings.max_train or count)
        self.chosen: Array | None = None
        """Which rows of the training split are used, where not all are: drawn, for neighbours may be alike."""
        if self.examples < count:
            self.chosen = np.sort(np.random.default_rng([settings.seed, 3]).choice(count, self.examples, replace=False))
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

    @property
    def done(self) -> bool:
        """Whether every update is made and the last epoch evaluated."""
        return self.step >= self.total and not self._unevaluated

    def steps(self) -> Iterator[Step]:
        """Trains, one update per item, from where it stands to the end."""
        with self.held():
            if self.settings.recover is not None and self.step == 0:
                self.save()  # there is something to go back to from the start
            self.tell("training_started", trainer=self)
            try:
                while not self.done:
                    try:
                        if not self._unevaluated:  # a run may have been stopped in the middle of an evaluation
                            yield self._step()
                        if self.stop():
                            raise Stopped
                        if self._unevaluated:
                            self._finish_epoch()
                        elif self.settings.checkpoint_every and self.step % self.settings.checkpoint_every == 0:
                            self.save()
                    except Diverged as error:
                        self._recover(error)
            except Stopped:
                self.save()
            finally:
                self.tell("training_finished", trainer=self)

    @property
    def _unevaluated(self) -> bool:
        """Whether an epoch's updates are made and its record is not: `sums` holds what they measured until then."""
        return bool(self.sums) and self.step % self.steps_per_epoch == 0

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """The folder is this run's alone for the block; `FileError` if another run writes into it. May be nested."""
        if self.folder is None or self._held:
            yield
            return
        with locked(self.folder, self._busy):
            sweep(self.folder)
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

    def _step(self) -> Step:
        step = update(self)
        self.tell("step_finished", trainer=self, step=step)
        return step

    def _finish_epoch(self) -> None:
        record: dict[str, Any] = {"epoch": self.step // self.steps_per_epoch, "step": self.step}
        record["train"] = {k: v / self.sums["examples"] for k, v in self.sums.items() if k != "examples"}
        if self.validates:
            trained, limit = self.trained, self.settings.max_val
            record["val"] = evaluate(trained, self.dataset, "val", self.settings.batch_size, limit, self.stop)
            if not math.isfinite(loss := record["val"]["loss"]):
                raise diverged(f"the validation loss is {loss} after step {self.step} (epoch {record['epoch']})", self.checkpoint)
            record["val"] |= trained.judged(self.dataset, "val", limit)
        self.sums = {}
        self.history.append(record)
        measured, score = record.get("val", record["train"]), self.score(record)
        better = score > self.best
        self.best = max(score, self.best)
        if self.folder:  # the checkpoint last: who resumes from the one before writes the others again
            self._check_finite()
            write_lines(self.folder / HISTORY, self.history)
            if better:
                modelfile.save_model(self.trained, self.folder / BEST, epoch=record["epoch"], measured=measured)
            self.save()
        self.tell("epoch_finished", trainer=self, record=record)

    def score(self, record: dict[str, Any]) -> float:
        """How good an epoch's record is, by the model's criterion; more is better."""
        measured, criterion = record.get("val", record["train"]), self.model.criterion
        return float(-measured["loss"] if criterion == "loss" else measured.get(criterion, -measured["loss"]))

    def save(self) -> None:
        """Write the checkpoint `last.h5`: everything that `resume` needs. `Diverged` keeps the last good one."""
        if self.folder is not None:
            self._check_finite()
            write(self, self.folder / CHECKPOINT)

    def resume(self) -> bool:
        """Go back to the checkpoint in `folder`, if there is one, and say whether there was."""
        if self.folder is None or not (self.folder / CHECKPOINT).exists():
            return False
        restore(self, self.folder / CHECKPOINT)
        return True

    def _recover(self, error: Diverged) -> None:
        """Go back to the last checkpoint with a lower learning rate, if that is asked for and there is one."""
        scale = lowered(self.scale, self.settings.recover)
        if scale is None or not self.resume():
            raise error
        self.scale = scale
        self.save()
        log.info("%s: back to step %d with %.3g of the learning rate", str(error).split(";")[0], self.step, scale)

    def _check_finite(self) -> None:
        if (name := not_finite((self.params, self.state, self.averaged or {}))) is not None:
            raise diverged(f"'{name}' is no longer finite after step {self.step}", self.checkpoint)

    @property
    def checkpoint(self) -> Path | None:
        """Where `save` writes; None for a run in memory."""
        return None if self.folder is None else self.folder / CHECKPOINT

    def _busy(self) -> None:
        raise FileError(f"another run is writing into {self.folder}; wait for it, or name another folder")

    def tell(self, hook: str, **arguments: Any) -> Any:
        """Call a hook; what it answers."""
        return getattr(self.hooks, hook)(**arguments) if self.hooks is not None else None


def _validates(dataset: Dataset) -> bool:
    """Whether there is something to evaluate on; told now if not, and what is wrong with it, not after the first epoch."""
    if "val" not in dataset.splits:
        return False
    try:
        dataset.check_split("val")
    except EmptyError as error:
        log.warning("%s; training goes on without validation", error)
        return False
    return True
