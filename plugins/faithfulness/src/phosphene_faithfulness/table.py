"""The verdicts as a table, for eyes and as JSON."""

import math
from collections.abc import Sequence
from typing import Any

from phosphene_faithfulness.judging import Verdict
from phosphene_faithfulness.references import REFERENCES

MEASURES = {
    "deletion": (-1, "area under the deletion curve"),
    "insertion": (1, "area under the insertion curve"),
    "infidelity": (-1, "share of what covering does that the map does not foretell"),
    "sensitivity": (-1, "how far noise that nobody sees moves the map"),
    "randomization": (-1, "likeness to the map of a model with random layers"),
    "pointing": (1, "share of maps whose highest pixel lies on the thing"),
    "overlap": (1, "intersection over union of the thing and the map's highest pixels"),
}
"""Each measure: whether more (1) or less (-1) of it is better, and what it is."""


def show(verdicts: Sequence[Verdict], title: str) -> None:
    """The table on stdout: best values bold, those that do not beat the references dim."""
    import sys

    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    measures = [m for m in MEASURES if any(m in v.values for v in verdicts)]
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False)
    table.add_column("technique", no_wrap=True)
    for measure in measures:
        table.add_column(f"{measure} {'↑' if MEASURES[measure][0] > 0 else '↓'}", justify="right", no_wrap=True)
    best = {
        m: max((MEASURES[m][0] * v.mean(m) for v in verdicts if v.name not in REFERENCES), default=0) for m in measures
    }
    for verdict in verdicts:
        cells = []
        for measure in measures:
            value = verdict.mean(measure)
            words = "–" if math.isnan(value) else f"{value:.1%}" if measure == "pointing" else f"{value:.3f}"
            own = verdict.name not in REFERENCES
            cells.append(Text(words, "bold" if own and MEASURES[measure][0] * value == best[measure] else ""))
        table.add_row(Text(verdict.name, "" if verdict.name not in REFERENCES else "italic"), *cells)
    Console(width=None if sys.stdout.isatty() else 10_000, highlight=False).print(table)


def described(verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:
    """The verdicts as JSON values: means, their standard errors, and which references each beats by which measure."""
    references = [v for v in verdicts if v.name in REFERENCES]
    found = []
    for verdict in verdicts:
        measures = {
            m: {"mean": _number(verdict.mean(m)), "error": _number(verdict.error(m)),
                "beats": [r.name for r in references if r is not verdict and beats(verdict, r, m)]}
            for m in MEASURES if m in verdict.values
        }  # fmt: skip
        likeness = dict(zip(verdict.cascade.layers, map(float, verdict.cascade.similarity.mean(axis=1)), strict=True))
        found.append({"technique": verdict.name, "measures": measures, "randomization": likeness})
    return found


def beats(one: Verdict, other: Verdict, measure: str) -> bool:
    """Whether one technique's mean is better than another's."""
    return bool(MEASURES[measure][0] * (one.mean(measure) - other.mean(measure)) > 0)


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value
