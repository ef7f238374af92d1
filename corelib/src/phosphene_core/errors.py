"""What a user sees as one clear line: what is wrong, where, and what to do."""

import difflib
from collections.abc import Iterable


class PhospheneError(Exception):
    """A mistake that the user can mend; the command prints it as one line and exits with 2."""

    def __init__(self, message: object = "") -> None:
        super().__init__(" ".join(str(message).splitlines()))  # names in damaged files may hold anything


class SettingError(PhospheneError):
    """A setting has an unknown name, a wrong type, or a value outside its range."""


class ShapeError(PhospheneError):
    """An array's shape or dtype does not fit where it was given."""


class FileError(PhospheneError):
    """A file is missing, damaged, or not what its name says. The message names the file."""


class EmptyError(FileError):
    """A split of a data set holds nothing."""


class NotFoundError(PhospheneError):
    """A name (of a layer, class, plugin, ...) is not among those that exist."""


def one_line(error: BaseException) -> str:
    """What a library said, short and in one line."""
    return " ".join(f"{error or type(error).__name__}".split())[:200]


def unknown(kind: str, name: object, known: Iterable[str], *, limit: int = 12, tell: bool = False) -> NotFoundError:
    """The error for a misspelt name: it proposes the nearest known ones, or lists what there is; with `tell`, both."""
    names = sorted(set(known))
    close = difflib.get_close_matches(str(name)[:200], names, n=3, cutoff=0.6)
    hint = ""
    if close:
        hint = "did you mean " + " or ".join(f"'{c}'" for c in close) + "?"
    if names and (tell or not close):
        shown = ", ".join(names[:limit]) + (f", … ({len(names)} in all)" if len(names) > limit else "")
        hint += f" there are: {shown}" if close else f"there are: {shown}"
    hint = hint or "there are none"
    return NotFoundError(f"no {kind} is called '{str(name)[:80]}'; {hint}")
