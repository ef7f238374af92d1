"""Asking a submission: calls of its functions, in a process of its own, and what came of them."""

from pathlib import Path
from typing import Any

import numpy as np

from phosphene_assignment.processes import Lost, Process, Processes
from phosphene_core import ImageModel

PACKAGE = "assignment3"


class Kept:
    """Something that stays in the student's process: a cache, a model."""

    def __init__(self, name: str) -> None:
        self.name = name


class Generator:
    """Becomes `numpy.random.default_rng(seed)` in the student's process."""

    def __init__(self, seed: int) -> None:
        self.seed = seed


class Failed(Exception):
    """A call gave no value; the message says why, for the student."""


class Asked:
    """A submission that is being asked. A context: afterwards its process is gone, and only then are answers judged."""

    def __init__(self, processes: Processes, code: Path) -> None:
        self._process: Process = processes.start(code)
        self._count = 0
        self.remarks: list[str] = []
        self.held: tuple[str, ...] = ()
        """What the process was confined in: limits, files, calls."""

    def __enter__(self) -> "Asked":
        try:
            self.held = tuple(self._process.ask(None)["held"])
        except BaseException:
            self._process.end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._process.end()

    @property
    def prints(self) -> str:
        """The beginning of what the student's code printed."""
        return self._process.prints.decode(errors="replace")

    def call(self, function: str, *arguments: Any, keep: int = 0, **named: Any) -> Any:
        """The value of `module.function(*arguments)`. With `keep` it must return so many things and a cache, which stays
        there: a tuple of them comes, and a `Kept`. `Failed` if there is no value."""
        module, name = function.split(".")
        message: dict[str, Any] = {
            "module": f"{PACKAGE}.{module}", "function": name, "arguments": [_plain(a) for a in arguments],
            "named": {k: _plain(a) for k, a in named.items()}, "keep": self._fresh() if keep else "",
        }  # fmt: skip
        answer = self._ask(message)
        if changed := answer.get("changed"):
            self.remarks.append(f"{name} changed its argument {', '.join(str(int(i) + 1) for i in changed)} in place")
        value = answer.get("value")
        if not keep:
            return value
        if not isinstance(value, tuple) or len(value) != keep:
            count = len(value) + 1 if isinstance(value, tuple) else 1
            raise Failed(f"{name} must return {keep + 1} things, the cache last; it returned {count}")
        return value, Kept(message["keep"])

    def model(self, model: ImageModel | None = None) -> Kept:
        """The same classifier in the student's process; None is the one inside `phosphene_cnn`."""
        from phosphene_core.options import settings_of

        kept = Kept(self._fresh())
        message: dict[str, Any] = {"model": "pretrained", "settings": {}, "params": {}, "mean": None, "as": kept.name}
        if model is not None:
            message |= {"model": "made", "settings": settings_of(model), "params": dict(model.params), "mean": model.mean}
        self._ask(message)
        return kept

    def _ask(self, message: dict[str, Any]) -> dict[str, Any]:
        try:
            answer = self._process.ask(message)
        except Lost as lost:
            raise Failed(str(lost)) from None
        if isinstance(error := answer.get("error"), str):
            raise Failed(error[:600])
        return answer

    def _fresh(self) -> str:
        self._count += 1
        return f"kept {self._count}"


def _plain(value: Any) -> Any:
    if isinstance(value, Kept):
        return {"kept": value.name}
    if isinstance(value, Generator):
        return {"rng": value.seed}
    if isinstance(value, np.ndarray):
        return value.copy()
    return value
