"""Progress bars on stderr; where stderr is no terminal there are none."""

from typing import TYPE_CHECKING

from phosphene_registry.console import err

if TYPE_CHECKING:
    from rich.progress import Progress


def steps_bar(*fields: str) -> "Progress":
    """A bar that counts steps, tells the task's `fields` (text, by name), and how much time is left."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        *(TextColumn(f"{{task.fields[{name}]}}") for name in fields),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=err(),
        transient=True,
        disable=not err().is_terminal,
    )
