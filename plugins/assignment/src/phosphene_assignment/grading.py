"""Grading: every item of every submission, each in a process of its own."""

import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from phosphene_assignment.asking import Asked, Failed
from phosphene_assignment.processes import Processes
from phosphene_assignment.questions import ITEMS
from phosphene_assignment.rubric import PARTS, Item, Verdict
from phosphene_assignment.submission import Submission
from phosphene_core import FileError


@attrs.frozen
class Grade:
    """What a submission is worth. `problem`: why it could not be opened. `held`: what its processes were confined in."""

    name: str
    seed: int
    verdicts: tuple[Verdict, ...] = ()
    problem: str = ""
    held: frozenset[str] = frozenset()

    @property
    def parts(self) -> dict[str, float]:
        """Points by part, of the parts that were graded."""
        graded = {v.item.part for v in self.verdicts}
        return {p: round(sum(v.points for v in self.verdicts if v.item.part == p), 2) for p in PARTS if p in graded}

    @property
    def points(self) -> float:
        """All points, the extra ones included."""
        return round(sum(v.points for v in self.verdicts), 2)

    @property
    def whole(self) -> float:
        """What could be earned in the parts that were graded, without the extra."""
        parts = self.parts or dict.fromkeys(PARTS, 0.0)
        return sum(most for p, (_, most) in PARTS.items() if p in parts and (p != "extra" or len(parts) == 1))

    def __getitem__(self, item: str) -> Verdict:
        return next(v for v in self.verdicts if v.item.name == item)

    def told(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "name": self.name, "points": self.points, "of": self.whole, "problem": self.problem, "seed": self.seed,
            "parts": {p: {"name": PARTS[p][0], "points": n, "of": PARTS[p][1]} for p, n in self.parts.items()},
            "items": [v.told() for v in self.verdicts], "confined": sorted(self.held),
        }  # fmt: skip


def grade(
    processes: Processes, submissions: Sequence[Submission], seed: int, items: Sequence[Item] = ITEMS, jobs: int = 1,
    done: Callable[[Grade], None] = lambda grade: None,
) -> list[Grade]:  # fmt: skip
    """Grade submissions, `jobs` items at a time. `done` is told of each. All get the same questions: those of `seed`."""
    out = []
    with ThreadPoolExecutor(jobs) as pool:
        for submission in submissions:
            out.append(_grade(processes, submission, seed, items, pool))
            done(out[-1])
    return out


def _grade(processes: Processes, submission: Submission, seed: int, items: Sequence[Item], pool: ThreadPoolExecutor) -> Grade:
    try:
        with submission.opened() as code:
            asked = list(pool.map(lambda item: ask(processes, code, item, seed), items))
    except (FileError, OSError) as error:
        nothing = tuple(Verdict(item, failure=str(error)) for item in items)
        return Grade(submission.name, seed, nothing, problem=str(error))
    verdicts = {v.item.name: v for v, _ in asked}
    wrong = {n for n, v in verdicts.items() if v.lost}
    followed = [attrs.evolve(v, follows=tuple(n for n in v.item.needs if n in wrong)) for v in verdicts.values()]
    started = [held for _, held in asked if held]
    return Grade(submission.name, seed, tuple(followed), held=frozenset.intersection(*started) if started else frozenset())


def ask(processes: Processes, code: Path, item: Item, seed: int) -> tuple[Verdict, frozenset[str]]:
    """Ask one item in a process, let the process end, and judge what came; and what the process was confined in."""
    rng = np.random.default_rng([seed, zlib.crc32(item.name.encode())])
    asked = Asked(processes, code)
    failure = ""
    try:
        with asked:
            judge = item.question(asked, rng)
        checks = tuple(judge())
    except Failed as failed:
        checks, failure = (), str(failed)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        checks, failure = (), f"what it returned cannot be used: {type(error).__name__}: {' '.join(str(error).split())[:200]}"
    verdict = Verdict(item, checks, failure, tuple(dict.fromkeys(asked.remarks)), asked.prints.strip())
    return verdict, frozenset(asked.held)
