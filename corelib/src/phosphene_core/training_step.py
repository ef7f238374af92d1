"""One update of a training run.

Every random choice is drawn from (seed, epoch, step), so that a resumed run repeats the one that was never stopped
without any generator's state to keep.
"""

import math
import time
from typing import TYPE_CHECKING

import attrs
import numpy as np

from phosphene_core.clipping import clip
from phosphene_core.divergence import diverged
from phosphene_core.layer import Need, Pass
from phosphene_core.schedule import factor

if TYPE_CHECKING:
    from phosphene_core.trainer import Trainer


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


def update(run: "Trainer") -> Step:
    """Draw a batch, and move the run's parameters, buffers, optimizer state and averages by one step. `Diverged` if the
    loss is no finite number; nothing has changed then."""
    started = time.perf_counter()
    s = run.settings
    epoch, place = divmod(run.step, run.steps_per_epoch)
    order = np.random.default_rng([s.seed, 1, epoch]).permutation(run.examples)
    rows = order[place * s.batch_size : (place + 1) * s.batch_size]
    rows = rows if run.chosen is None else run.chosen[rows]
    rng = np.random.default_rng([s.seed, 2, run.step])
    batch = run.dataset.batch("train", rows, rng)
    down = Pass(train=True, rng=rng, need=Need.PARAMS, progress=run.step / run.total)
    loss, measures, grads = run.model.loss(batch, down)
    if not math.isfinite(loss):
        raise diverged(f"the loss is {loss} at step {run.step + 1} (epoch {epoch + 1})", run.checkpoint)
    replaced = run.tell("reduce_gradients", grads=grads)
    grads = grads if replaced is None else replaced
    if s.clip_norm is not None:
        clip(grads, s.clip_norm)
    run.optimizer.update(run.trainable, grads, run.state, run.scale * factor(s, run.step, run.steps_per_epoch))
    for name, value in down.buffers.items():
        run.params[name][...] = value
    run.step += 1
    if run.averaged is not None:
        keep = min(s.average, run.step / (run.step + 10))  # a young average follows closely
        for name, value in run.params.items():
            run.averaged[name] += (1 - keep) * (value - run.averaged[name])
    for measure, number in {"loss": loss, **measures}.items():
        run.sums[measure] = run.sums.get(measure, 0.0) + float(number) * len(rows)
    run.sums["examples"] = run.sums.get("examples", 0.0) + len(rows)
    seconds = time.perf_counter() - started
    return Step(run.step, run.total, epoch + 1, float(loss), dict(measures), len(rows), seconds)
