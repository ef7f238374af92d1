"""What is shown of a training run while it goes on."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phosphene_registry.console import err
from phosphene_registry.curves import draw
from phosphene_registry.progress import steps_bar

if TYPE_CHECKING:
    from phosphene_core.trainer import Trainer

CURVES = "curves.png"
DRAW_EVERY = 10.0
"""Seconds between two drawings of the curves; epochs may be shorter."""


class Watch:
    """Shows a run: a bar where stderr is a terminal, else a line per epoch; draws the curves."""

    def __init__(self, trainer: "Trainer", folder: Path) -> None:
        self.trainer, self.folder, self.epochs = trainer, folder, len(trainer.history)
        self.bar = steps_bar("loss", "accuracy", "rate")
        self.task = self.bar.add_task("", total=trainer.total, completed=trainer.step, loss="", accuracy="", rate="")
        self.drawn = 0.0
        self.smooth: dict[str, float] = {}
        self.since, self.examples, self.rate = time.perf_counter(), 0, 0.0

    def __enter__(self) -> "Watch":
        self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.stop()
        self._epochs()
        self._draw()

    def show(self, step: Any) -> None:
        """Follow one step."""
        self._epochs()
        for name, value in {"loss": step.loss, **step.measures}.items():
            self.smooth[name] = value + 0.95 * (self.smooth.get(name, value) - value)
        self.examples += step.examples
        passed = time.perf_counter() - self.since
        if passed > 2:
            self.rate, self.since, self.examples = self.examples / passed, time.perf_counter(), 0
        ends = step.number % self.trainer.steps_per_epoch == 0
        epoch = f"epoch {step.epoch}/{self.trainer.settings.epochs}"
        accuracy = f"accuracy {self.smooth['accuracy']:.1%}" if "accuracy" in self.smooth else ""
        self.bar.update(
            self.task, completed=step.number, description=f"{epoch}, evaluating" if ends else epoch, accuracy=accuracy,
            loss=f"loss {self.smooth['loss']:.3f}", rate=f"{self.rate:,.0f} images/s" if self.rate else "",
        )  # fmt: skip

    def _epochs(self) -> None:
        history = self.trainer.history
        if len(history) == self.epochs:
            return
        for record in history[self.epochs :]:
            rate = f", {self.rate:,.0f} images/s" if self.rate else ""
            err().print(f"epoch {record['epoch']}/{self.trainer.settings.epochs}: {told(record)}{rate}")
        self.epochs = len(history)
        if time.perf_counter() - self.drawn > DRAW_EVERY:
            self._draw()
        self.since, self.examples = time.perf_counter(), 0  # evaluating is no training time

    def _draw(self) -> None:
        if self.trainer.history:
            draw(self.trainer.history, self.folder / CURVES)
        self.drawn = time.perf_counter()


def told(record: Mapping[str, Any]) -> str:
    """One epoch in words."""
    parts = []
    for part, words in (("train", "training"), ("val", "validation")):
        if part in record:
            values = (f"{k} {v:.1%}" if k == "accuracy" else f"{k} {v:.4g}" for k, v in record[part].items())
            parts.append(f"{words} {', '.join(values)}")
    return "; ".join(parts)
