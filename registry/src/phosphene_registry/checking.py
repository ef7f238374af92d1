"""The contracts of `phosphene_core.testing` over what is registered."""

import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import attrs

from phosphene_registry.plugin import told

if TYPE_CHECKING:
    from phosphene_registry.catalogue import Entry

OK, FAILED, SKIPPED = "ok", "failed", "skipped"


@attrs.frozen
class Verdict:
    """What came of checking one entry: `ok`, `failed` and why, or `skipped` and why."""

    entry: "Entry"
    state: str
    reason: str
    seconds: float
    error: BaseException | None = None


def check_all(entries: Iterable["Entry"]) -> Iterator[Verdict]:
    """Check each entry by its kind's contract."""
    for entry in entries:
        started = time.perf_counter()
        state, reason, error = _check(entry)
        yield Verdict(entry, state, reason, time.perf_counter() - started, error)


def _check(entry: "Entry") -> tuple[str, str, BaseException | None]:
    from phosphene_core.testing import Contract

    if entry.kind == "dataset" and not hasattr(entry.cls, "example"):
        return SKIPPED, "it has no classmethod example(rng), and its own data may not be here", None
    try:
        Contract(entry.kind, entry.name, entry.cls).check()
    except AssertionError as error:
        return FAILED, " ".join(str(error).split()), error
    except Exception as error:
        return FAILED, f"it raised {told(error)}", error
    return OK, "", None
