"""Where the command speaks: results to stdout, everything else to stderr."""

import functools
import json
import logging
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console


@functools.cache
def out() -> "Console":
    """stdout, for tables and results."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=not sys.stdout.isatty())


@functools.cache
def err() -> "Console":
    """stderr, for progress and remarks."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, soft_wrap=True)


def say(line: str) -> None:
    """A remark in one line on stderr."""
    print(line, file=sys.stderr, flush=True)


def show_json(value: Any) -> None:
    """`value` as JSON on stdout."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n")


def show_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table on stdout. Where stdout is no terminal, lines are never cut."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False)
    terminal = sys.stdout.isatty()
    for i, column in enumerate(columns):
        table.add_column(column, no_wrap=i == 0 or not terminal, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    if terminal:
        out().print(table)
    else:
        from rich.console import Console

        Console(width=10_000, highlight=False).print(table)


def show_remarks() -> None:
    """Let what the packages log (a data set being decoded, say) appear on stderr as plain lines."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(message)s"))
    for name in sorted({n.split(".")[0] for n in logging.root.manager.loggerDict if n.startswith("phosphene")}):
        logger = logging.getLogger(name)
        logger.setLevel(logging.INFO)
        if not logger.handlers:
            logger.addHandler(handler)
