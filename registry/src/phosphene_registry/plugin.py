"""What the registry knows of one plugin: where it comes from, how it fares, and what it registered."""

import enum
from collections.abc import Callable
from typing import Any

import attrs


class State(enum.StrEnum):
    """How a plugin fares."""

    OK = "ok"
    BROKEN = "broken"
    DISABLED = "disabled"


@attrs.frozen
class Candidate:
    """A plugin that was found or handed over, but is not imported yet.

    `load` imports it. `may_implement(hook)`: False only if it surely does not; it need not be imported for that hook.
    """

    name: str
    load: Callable[[], Any]
    distribution: str | None = None
    read_version: Callable[[], str | None] = lambda: None
    may_implement: Callable[[str], bool] = lambda hook: True


@attrs.define(eq=False)
class Plugin:
    """One plugin of a registry. `module` is None until a hook that it may implement is called."""

    name: str
    candidate: Candidate
    state: State = State.OK
    reason: str = ""
    """Why it is broken, in one line."""
    notes: list[str] = attrs.field(factory=list)
    """What a user should know though it works: a name that another plugin holds, a missing compiler."""
    error: BaseException | None = None
    module: Any = None

    @property
    def distribution(self) -> str | None:
        """The distribution that brings it; None for a module that is not installed."""
        return self.candidate.distribution

    @property
    def version(self) -> str | None:
        """The version of its distribution; None for a module that is not installed."""
        return self.candidate.read_version()

    @property
    def title(self) -> str:
        """`lstm (phosphene-lstm)`, for messages."""
        return f"{self.name} ({self.distribution})" if self.distribution else self.name

    def fail(self, reason: str, error: BaseException | None = None) -> None:
        """Mark it as broken; whoever asks gets `reason`."""
        self.state, self.reason, self.error = State.BROKEN, reason, error


def told(error: BaseException) -> str:
    """An exception of somebody's code in one line."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
