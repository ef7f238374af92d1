"""Sections and figures, as HTML."""

import html

SIDE = 256  # pixels of a picture on the page


def section(title: str, text: str, cards: list[str]) -> str:
    return f"<section><h2>{html.escape(title)}</h2><p>{text}</p><div class=row>{''.join(cards)}</div></section>"


def figure(files: list[str], caption: str, more: str = "", wide: bool = False) -> str:
    """A figure of one picture, or of several side by side; a wide one takes the room of two."""
    row = "".join(f'<img src="{file}" alt="">' for file in files)
    kind = f"of{len(files)}{' wide' if wide else ''}"
    return f'<figure class="{kind}"><div>{row}</div><figcaption>{html.escape(caption)}</figcaption>{more}</figure>'
