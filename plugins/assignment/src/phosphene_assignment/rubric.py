"""What is asked, what it is worth, and what came of asking."""

from collections.abc import Callable, Iterable
from typing import Any

import attrs
import numpy as np

from phosphene_assignment.asking import Asked

PARTS = {
    "rnn": ("RNN captioning", 40.0),
    "lstm": ("LSTM captioning", 35.0),
    "gradients": ("saliency and fooling", 10.0),
    "generation": ("image generation", 15.0),
    "extra": ("something extra", 10.0),
}
"""Name, and points at most, of each part. `extra` comes on top of the 100."""

WHOLE = 100.0
UNWRITTEN = "not written yet"
"""How the failure of a function begins that raises NotImplementedError."""


@attrs.frozen
class Check:
    """One thing that was looked at. `expected` and `came` in words, for the student."""

    name: str
    points: float
    passed: bool
    expected: str = ""
    came: str = ""

    @property
    def earned(self) -> float:
        return self.points if self.passed else 0.0


Judge = Callable[[], Iterable[Check]]
"""Compares answers with the reference's. Called when the student's process is gone: while it lives, nothing that it
could look for has been computed."""

Question = Callable[[Asked, np.random.Generator], Judge]


@attrs.frozen
class Item:
    """One item of the assignment. `needs`: items that the student's code for this one builds on."""

    name: str
    part: str
    points: float
    question: Question
    needs: tuple[str, ...] = ()


@attrs.frozen
class Verdict:
    """What came of an item: its checks, or the reason why there are none."""

    item: Item
    checks: tuple[Check, ...] = ()
    failure: str = ""
    remarks: tuple[str, ...] = ()
    prints: str = ""
    follows: tuple[str, ...] = ()
    """Items that lost points too and that this one builds on: mend them first."""

    @property
    def points(self) -> float:
        """What was earned."""
        return round(sum(c.earned for c in self.checks), 2)

    @property
    def lost(self) -> float:
        return round(self.item.points - self.points, 2)

    def lines(self) -> list[str]:
        """What went wrong, in words: one line for each check that failed."""
        out = [self.failure] if self.failure else []
        out += [f"{c.name}: expected {c.expected}; {c.came}" for c in self.checks if not c.passed]
        if out and self.follows and not self.failure.startswith(UNWRITTEN):
            out.append(f"builds on {', '.join(self.follows)}: mend that first")
        return out + list(self.remarks)

    def told(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "item": self.item.name, "part": self.item.part, "points": self.points, "of": self.item.points,
            "failure": self.failure, "checks": [attrs.asdict(c) for c in self.checks], "builds_on": list(self.follows),
            "remarks": list(self.remarks), "printed": self.prints,
        }  # fmt: skip
