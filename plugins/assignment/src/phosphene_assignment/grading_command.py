"""What `phosphene assignment grade` does."""

import secrets
from pathlib import Path

from phosphene_assignment import report
from phosphene_assignment.grading import grade
from phosphene_assignment.integrity import unchanged_grader
from phosphene_assignment.processes import Limits, Processes
from phosphene_assignment.questions import ITEMS
from phosphene_assignment.rubric import PARTS
from phosphene_assignment.submission import submissions
from phosphene_core import PhospheneError
from phosphene_core.errors import unknown
from phosphene_core.threads import available_cores
from phosphene_registry.console import say, show_json, show_table


def run(
    folders: list[Path], part: str | None, json: bool, gradescope: Path | None, csv: Path | None, reports: Path | None,
    seed: int | None, seconds: int, memory: int, jobs: int | None,
) -> None:  # fmt: skip
    """Grade, and tell in every way that was asked for."""
    if part is not None and part not in PARTS:
        raise unknown("part", part, PARTS)
    items = [item for item in ITEMS if part in (None, item.part)]
    found = submissions(folders)
    if gradescope is not None and len(found) != 1:
        raise PhospheneError(f"--gradescope is for one submission, and here are {len(found)}")
    limits = Limits(seconds=seconds, longest=3.0 * seconds, memory=memory)
    told = (lambda g: say(f"{g.name}: {report.points(g.points)}")) if len(found) > 1 else (lambda g: None)
    seed = secrets.randbits(62) if seed is None else seed  # not to be guessed
    with unchanged_grader(), Processes(limits) as processes:
        grades = grade(processes, found, seed, items, jobs or available_cores(), told)
    if gradescope is not None:
        report.write_json(report.gradescope(grades[0]), gradescope)
    if csv is not None:
        report.write_csv(grades, csv)
    if reports is not None:
        report.write_reports(grades, reports)
    if any(g.verdicts and not g.problem and not {"files", "calls"} <= g.held for g in grades):
        say("phosphene: this system cannot keep submissions from other files and processes (Linux 5.13 or newer can): "
            "grade those of strangers as a user, or in a container, that has nothing to lose")  # fmt: skip
    if json:
        show_json([g.told() for g in grades])
    elif len(grades) > 1:
        show_table("", *report.submissions_table(grades))
    elif grades[0].problem:
        raise PhospheneError(f"{grades[0].name}: {grades[0].problem}")
    else:
        show_table(grades[0].name, *report.items_table(grades[0]))
