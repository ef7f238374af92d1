"""Files that cannot be read among many that can."""

from collections.abc import Callable

import attrs

from phosphene_core.errors import PhospheneError


@attrs.define
class LeftOut:
    """Pictures that cannot be read are left out of a job, and the rest goes on. `tell` gets a line for each, unless it is the only
    one that was asked for: then its error is all there is to say."""

    asked: int
    tell: Callable[[str], None]
    errors: list[PhospheneError] = attrs.field(factory=list)

    def add(self, error: PhospheneError) -> None:
        self.errors.append(error)
        if self.asked > 1:
            self.tell(f"phosphene: {error}")

    def complain(self) -> None:
        """Raise the error of the only picture; of several, how many were left out (why is told already)."""
        if self.errors:
            told = f"{len(self.errors)} of {self.asked} pictures {'was' if len(self.errors) == 1 else 'were'} left out"
            raise self.errors[0] if self.asked == 1 else PhospheneError(told)
