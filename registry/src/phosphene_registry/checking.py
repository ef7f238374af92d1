"""The contracts of `phosphene_core.testing` over what is registered."""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

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
    contract = _contracts()[entry.kind]
    subject = entry.cls
    if entry.kind == "dataset":
        if not hasattr(subject, "example"):
            return SKIPPED, "it has no classmethod example(rng), and its own data may not be here", None
        subject = subject.example(np.random.default_rng(0))
    try:
        contract(subject)
    except AssertionError as error:
        return FAILED, " ".join(str(error).split()), error
    except Exception as error:
        return FAILED, f"it raised {told(error)}", error
    return OK, "", None


def _contracts() -> dict[str, Callable[[Any], None]]:
    from phosphene_core import testing

    return {
        "layer": testing.check_layer,
        "model": testing.check_model,
        "optimizer": testing.check_optimizer,
        "objective": testing.check_objective,
        "technique": testing.check_technique,
        "dataset": testing.check_dataset,
    }
