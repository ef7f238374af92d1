"""A run's results: as JSON values, as a table, and beside an earlier run."""

import json
import math
import os
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from phosphene_bench.measure import Row
from phosphene_core.errors import FileError
from phosphene_core.textfile import read_text

FORMAT, VERSION = "phosphene bench", 1
LARGEST = 16 << 20
"""Bytes of a file of results; a real one has some ten thousand."""


@attrs.frozen
class Earlier:
    """What an earlier run measured: seconds by title, and operations per second of its matrix product."""

    peak: float
    seconds: Mapping[str, float]


def described(
    rows: Iterable[Row], peak: float, machine: Mapping[str, Any], earlier: Earlier | None = None
) -> dict[str, Any]:
    """Everything as JSON values."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "machine": dict(machine),
        "peak_gflops": round(peak / 1e9, 2),
        "cases": [_described(row, peak, earlier) for row in rows],
    }


def _described(row: Row, peak: float, earlier: Earlier | None) -> dict[str, Any]:
    facts: dict[str, Any] = {"plugin": row.case.plugin, "kind": row.case.kind, "name": row.case.name}
    if row.failure:
        return facts | {"failure": row.failure}
    rate = row.rate
    if earlier is not None and (before := earlier.seconds.get(row.case.title)) is not None:
        facts |= {"milliseconds_before": before * 1e3, "ratio": row.median / before}
    return facts | {
        "milliseconds": row.median * 1e3,
        "least_milliseconds": row.least * 1e3,
        "rounds": row.rounds,
        "gflops": None if rate is None else rate / 1e9,
        "share_of_peak": None if rate is None else rate / peak,
        "peak_bytes": row.memory,
    }


def read(path: str | os.PathLike[str]) -> Earlier:
    """The results that `--json` gave. `FileError` if the file does not hold any."""
    try:
        found = json.loads(read_text(path, LARGEST))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or found.get("format") != FORMAT or not isinstance(found.get("cases"), list):
        raise FileError(f"{path} does not hold what `phosphene bench --json` prints")
    if found.get("version") != VERSION:
        raise FileError(f"{path} has version {str(found.get('version'))[:40]}; this program reads {VERSION}")
    peak: Any = found.get("peak_gflops")
    seconds = {}
    for case in found["cases"]:
        time = case.get("milliseconds") if isinstance(case, dict) else None
        if not isinstance(case, dict) or (time is not None and not _positive(time)):
            raise FileError(f"{path}: a case in it makes no sense")
        if time is not None:
            seconds[f"{case.get('plugin')} {case.get('kind')}: {case.get('name')}"] = time / 1e3
    if not _positive(peak):
        raise FileError(f"{path}: its peak_gflops makes no sense")
    return Earlier(peak * 1e9, seconds)


def _positive(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value > 0


COLUMNS = ("what", "case", "ms", "GFLOP/s", "of peak", "memory")
BESIDE = ("ms before", "now / before")


def cells(row: Row, peak: float, earlier: Earlier | None = None) -> tuple[str, ...]:
    """One line of the table; with an earlier run two more cells."""
    what = f"{row.case.plugin} {row.case.kind}"
    if row.failure:
        return (what, f"{row.case.name} failed: {row.failure}", *([""] * (4 if earlier is None else 6)))
    rate = row.rate
    told = (
        what,
        row.case.name,
        f"{row.median * 1e3:.3f}" if row.median < 1 else f"{row.median * 1e3:,.0f}",
        "–" if rate is None else f"{rate / 1e9:.1f}",
        "–" if rate is None else f"{rate / peak:.0%}",
        f"{row.memory / 2**20:,.1f} MiB",
    )
    if earlier is None:
        return told
    before = earlier.seconds.get(row.case.title)
    return (*told, *(("–", "new") if before is None else (f"{before * 1e3:.3f}", f"{row.median / before:.2f}")))


def comparison(rows: Iterable[Row], peak: float, earlier: Earlier) -> str:
    """The comparison in a line: the geometric mean of all ratios, and how the machine itself has changed."""
    ratios = [r.median / earlier.seconds[r.case.title] for r in rows if r.median and r.case.title in earlier.seconds]
    if not ratios:
        return "the earlier run has none of these cases"
    mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
    return (
        f"{len(ratios)} cases take {mean:.2f} of the time before (geometric mean); a plain matrix product takes "
        f"{earlier.peak / peak:.2f}"
    )
