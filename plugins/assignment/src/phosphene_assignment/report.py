"""Grades as tables, as text for a student, and as files for programs."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from phosphene_assignment.grading import Grade
from phosphene_assignment.rubric import PARTS
from phosphene_core.wholefile import whole

Row = tuple[str, ...]


def points(number: float) -> str:
    """4, 4.5, never 4.0."""
    return f"{number:g}"


def items_table(grade: Grade) -> tuple[Row, list[Row]]:
    """One submission: a row for each item, and for each thing that went wrong in it."""
    rows: list[Row] = []
    part = ""
    for v in grade.verdicts:
        if v.item.part != part:
            part = v.item.part
            name, most = PARTS[part]
            rows.append((name.upper(), f"{points(grade.parts[part])} of {points(most)}", ""))
        lines = v.lines() or ["right"]
        rows.append((f"  {v.item.name}", f"{points(v.points)} of {points(v.item.points)}", lines[0]))
        rows += [("", "", line) for line in lines[1:]]
    rows.append(("TOTAL", f"{points(grade.points)} of {points(grade.whole)}", ""))
    return ("item", "points", "expected, and what came"), rows


def submissions_table(grades: Iterable[Grade]) -> tuple[Row, list[Row]]:
    """Several submissions: a row for each, with the points by part and the items that lost some."""
    rows = []
    for g in grades:
        lost = [v.item.name for v in g.verdicts if v.lost and v.item.part != "extra"]
        what = g.problem or ("every item: is anything written?" if lost and not g.points else ", ".join(lost))
        rows.append((g.name, *(points(g.parts.get(p, 0)) for p in PARTS), points(g.points), what))
    titles = [f"{name} ({points(most)})" for name, most in PARTS.values()]
    return ("submission", *titles, "total", "lost points in"), rows


def text(grade: Grade) -> str:
    """One submission as plain text, to hand back."""
    columns, rows = items_table(grade)
    widths = [max(len(row[i]) for row in (columns, *rows)) for i in range(2)]
    lines = [f"{a:<{widths[0]}}  {b:>{widths[1]}}  {c}".rstrip() for a, b, c in (columns, *rows)]
    return "\n".join([f"{grade.name}: {points(grade.points)} of {points(grade.whole)}", "", *lines, ""])


def gradescope(grade: Grade) -> dict[str, Any]:
    """The `results.json` of a Gradescope autograder. The extra's points come on top of the 100."""
    if grade.problem:
        return {"score": 0, "output": f"The submission could not be graded: {grade.problem}", "tests": []}
    numbers: dict[str, int] = {}
    tests = []
    for v in grade.verdicts:
        numbers[v.item.part] = numbers.get(v.item.part, 0) + 1
        place = f"{list(PARTS).index(v.item.part) + 1}.{numbers[v.item.part]}"
        told = "\n".join(v.lines()) or "right"
        tests.append({"name": v.item.name, "number": place, "score": v.points, "max_score": v.item.points, "output": told,
                      "status": "passed" if not v.lost else "failed", "tags": [v.item.part], "visibility": "visible"})  # fmt: skip
    summary = ", ".join(f"{PARTS[p][0]} {points(n)} of {points(PARTS[p][1])}" for p, n in grade.parts.items())
    return {"score": grade.points, "output": summary, "stdout_visibility": "hidden", "tests": tests}


def write_json(value: Any, path: Path) -> None:
    """JSON into a file that appears whole or not at all."""
    with whole(path) as file:
        file.write(json.dumps(value, indent=1, ensure_ascii=False).encode())


def write_csv(grades: Iterable[Grade], path: Path) -> None:
    """A row for each submission, with the points of every part and item: for a grade book."""
    with whole(path) as file:
        table = io.StringIO()
        csv.writer(table, lineterminator="\n").writerows(_csv_rows(grades))
        file.write(table.getvalue().encode())


def write_reports(grades: Iterable[Grade], folder: Path) -> None:
    """A text file for each submission, to hand back."""
    for g in grades:
        name = "".join(c if c.isalnum() or c in "-_. " else "_" for c in g.name).strip(". ") or "submission"
        with whole(folder / f"{name}.txt") as file:
            file.write(text(g).encode())


def _csv_rows(grades: Iterable[Grade]) -> Iterator[list[Any]]:
    for i, g in enumerate(grades):
        if i == 0:
            yield ["submission", "total", *PARTS, *(v.item.name for v in g.verdicts), "problem"]
        yield [g.name, g.points, *(g.parts.get(p, 0) for p in PARTS), *(v.points for v in g.verdicts), g.problem]
