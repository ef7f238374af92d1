"""The grader's own files, before and after: whoever could change them could give himself points the next time."""

import contextlib
import hashlib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from phosphene_assignment.packages import ALLOWED
from phosphene_core import PhospheneError


@contextlib.contextmanager
def unchanged_grader() -> Iterator[None]:
    """`PhospheneError` if a Python file of the grader, or of what it builds on, is another one after the block."""
    before = _digests()
    yield
    after = _digests()
    changed = sorted(str(p) for p in {**before, **after} if before.get(p) != after.get(p))
    if changed:
        raise PhospheneError(
            f"{changed[0]} was changed while submissions were graded, perhaps by one of them: install Phosphene anew, and "
            "grade again on a system that confines submissions (Linux 5.13 or newer)"
        )


def _digests() -> dict[Path, str]:
    folders = [Path(__file__).parent]
    for name in ALLOWED:
        spec = find_spec(name) if name.startswith("phosphene_") else None
        folders += [Path(p) for p in (spec.submodule_search_locations or [])] if spec else []
    files = [p for folder in folders for p in folder.rglob("*.py")]
    return {p: hashlib.sha256(p.read_bytes()).hexdigest() for p in files}
