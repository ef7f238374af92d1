"""Text from code as Markdown: what would be read as markup is not."""

import re


def prose(text: str) -> str:
    """A docstring's text: `<` and `|` outside of code stay what they are."""
    return re.sub(r"(`[^`]*`)|(<)", lambda m: m[1] or "&lt;", text)


def cell(text: str) -> str:
    """The same in one cell of a table."""
    return prose(" ".join(text.split())).replace("|", r"\|")


def table(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A table; a row of texts for each row."""
    lines = [columns, ("---",) * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def page(text: str) -> str:
    """A page as the site shows it: remarks to the test of its code are taken out."""
    return re.sub(r"^<!-- run: .* -->\n", "", text, flags=re.MULTILINE)
