"""Progress on stderr: bytes while a file comes, files while it is unpacked. Where stderr is no terminal, nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

from phosphene_download.getting import Ears


@contextmanager
def bars() -> Iterator[Ears]:
    """Ears that draw a bar for each file."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[told]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        tasks: dict[str, object] = {}

        def show(name: str, what: str, done: int, all: int | None, told: str) -> None:
            task = tasks.setdefault(f"{what} {name}", None) or progress.add_task(f"{what} {name}", told="")
            tasks[f"{what} {name}"] = task
            progress.update(task, completed=done, total=all, told=told)  # type: ignore[arg-type]

        def coming(name: str, have: int, all: int | None) -> None:
            whole = f" of {all / 1e6:,.1f}" if all else ""
            show(name, "getting", have, all, f"{have / 1e6:,.1f}{whole} MB")

        def unpacking(name: str, count: int) -> None:
            if count % 200 == 1:
                show(name, "unpacking", count, None, f"{count:,} files")

        def checking(line: str) -> None:
            console.print(line)

        yield Ears(coming, unpacking, checking)
