"""Comparing what came with what was expected, and finding words for the difference."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from phosphene_assignment.rubric import Check
from phosphene_core.layer import Array

TOLERANCE = 1e-5


def equal(
    name: str, came: Any, expected: Array | float, points: float, suspects: Mapping[str, Array | float] | None = None
) -> Check:
    """Whether an answer is what was expected, within a hundred-thousandth of its size. `suspects`: what well-known
    mistakes give instead, by their description."""
    want = np.asarray(expected, np.float64)
    wrong = _other_kind(came, want)
    if wrong:
        return Check(name, points, False, f"shape {want.shape}" if want.shape else "a number", wrong)
    got = np.asarray(came, np.float64)
    if _near(got, want):
        return Check(name, points, True, _kind(want), "it came")
    worst = np.unravel_index(int(np.argmax(np.abs(got - want))), want.shape)
    known = next((f"; this is what comes when {m}" for m, r in (suspects or {}).items() if _is(got, r)), "")
    place = f" at [{', '.join(str(int(i)) for i in worst)}]" if worst else ""
    shape = f" (shape {want.shape})" if want.shape else ""
    return Check(name, points, False, f"{_number(want[worst])}{place}{shape}", f"{_number(got[worst])} came{known or _pattern(got, want)}")


def true(name: str, held: Any, points: float, expected: str, came: str) -> Check:
    """Whether something holds."""
    return Check(name, points, bool(held), expected, came)


def array(value: Any, shape: tuple[int, ...]) -> Array | None:
    """The value as an array of numbers (float64) of this shape, all finite; None if it is none."""
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "fiub" or value.shape != shape:
        return None
    numbers = value.astype(np.float64)
    return numbers if np.isfinite(numbers).all() else None


def described(value: Any) -> str:
    """What kind of thing a value is."""
    if isinstance(value, np.ndarray):
        odd = "" if np.isfinite(value).all() else ", with NaN or infinite values"
        return f"an array of shape {value.shape}{odd}"
    if isinstance(value, tuple):
        return f"{len(value)} things"
    return "nothing" if value is None else f"{type(value).__name__} {str(value)[:60]}"


def _other_kind(came: Any, want: Array) -> str:
    """Why an answer cannot be compared; empty if it can."""
    if isinstance(came, bool | int | float):
        came = np.asarray(came, np.float64)
    if not isinstance(came, np.ndarray) or came.dtype.kind not in "fiub" or came.shape != want.shape:
        turned = isinstance(came, np.ndarray) and came.ndim > 1 and came.shape[::-1] == want.shape
        return f"{described(came)} came" + (" (transposed?)" if turned else "")
    return "" if np.isfinite(came).all() else f"{described(came)} came"


def _is(got: Array, result: Any) -> bool:
    return np.shape(result) == got.shape and _near(got, np.asarray(result, np.float64))


def _near(a: Array, b: Array) -> bool:
    return bool(np.abs(a - b).max(initial=0) <= TOLERANCE * max(1e-3, float(np.abs(b).max(initial=0))))


def _pattern(got: Array, want: Array) -> str:
    if not got.any():
        return "; it is zero everywhere"
    if _near(-got, want):
        return "; the sign is turned"
    if want.ndim == 2 and want.shape[0] == want.shape[1] and _near(got.T, want):
        return "; it is transposed"
    if want.size == 1:
        return ""
    factor = float((got * want).sum() / max(1e-300, (want * want).sum()))
    if factor and _near(got / factor, want):
        return f"; it is {factor:.4g} times what was expected everywhere"
    share = float((np.abs(got - want) > TOLERANCE * np.abs(want).max()).mean())
    return f"; {share:.0%} of the numbers differ"


def _kind(want: Array) -> str:
    return f"shape {want.shape}" if want.shape else _number(want)


def _number(value: Any) -> str:
    return f"{float(value):.6g}"
