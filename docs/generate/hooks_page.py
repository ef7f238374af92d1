"""The page of the hooks: what a plugin may implement, from the specifications themselves."""

import inspect
import re
from pathlib import Path

from markdown_text import prose


def text(root: Path) -> str:
    """The hand-written part (docs/generate/hooks.md) with each specification in the place of `HOOKS`."""
    return (Path(__file__).parent / "hooks.md").read_text(encoding="utf-8").replace("HOOKS\n", _specifications())


def _specifications() -> str:
    from phosphene_core import hooks

    made = ""
    for name, function in vars(hooks).items():
        if not hasattr(function, "phosphene_spec"):
            continue
        signature = re.sub(r"\b(phosphene_core|collections|typing)(\.\w+)*\.", "", str(inspect.signature(function)))
        first = " The first plugin that returns something wins." if function.phosphene_spec["firstresult"] else ""
        made += f"### {name}\n\n`{name}{signature}`\n\n{prose(inspect.getdoc(function) or '')}{first}\n\n"
    return made
