"""One call of `phosphene bench`."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from phosphene_bench import report
from phosphene_bench.case import chosen, collect
from phosphene_bench.machine import SIDE, described, matrix_product
from phosphene_bench.measure import FULL, QUICK, Row, measure
from phosphene_core.errors import PhospheneError
from phosphene_core.threads import threads, use_threads


def run(registry: Any, names: Iterable[str], compare: Path | None, quick: bool, as_json: bool) -> bool:
    """Measure the cases with one of `names` in their title, and print what came out; whether all of them ran."""
    from rich.console import Console
    from rich.progress import Progress

    earlier = None if compare is None else report.read(compare)
    cases = chosen(collect(registry, lambda line: print(line, file=sys.stderr)), names)
    if not cases:
        raise PhospheneError("no installed plugin brings a benchmark")
    err = Console(stderr=True)
    rows: list[Row] = []
    with use_threads(threads()), Progress(console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("matrix product", total=len(cases))
        peak = matrix_product(3 if quick else 9)
        for case in cases:
            bar.update(task, description=case.title)
            rows.append(measure(case, QUICK if quick else FULL))
            bar.advance(task)
        peak = max(peak, matrix_product(3 if quick else 9))  # before and after: a machine may be slow for a while
    if as_json:
        print(json.dumps(report.described(rows, peak, described(), earlier), indent=1, ensure_ascii=False))
    else:
        _table(rows, peak, earlier)
    return not any(row.failure for row in rows)


def _table(rows: list[Row], peak: float, earlier: report.Earlier | None) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    machine = described()
    print(f"{machine['processor']}, {machine['threads']} threads; numpy {machine['numpy']} with {machine['blas']}")
    print(f"peak: {peak / 1e9:.1f} GFLOP/s (product of {SIDE} x {SIDE} matrices)")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for i, column in enumerate((*report.COLUMNS, *(report.BESIDE if earlier else ()))):
        table.add_column(column, justify="left" if i < 2 else "right", no_wrap=i != 1, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, report.cells(row, peak, earlier)))
    Console(width=None if sys.stdout.isatty() else 200, highlight=False).print(table)
    if earlier is not None:
        print(report.comparison(rows, peak, earlier))
