"""Pictures side by side on one sheet, with words over the columns and beside the rows."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from phosphene_core.layer import Array
from phosphene_core.lettering import INK, PAPER, font, wrapped

GAP, LEAST_LETTERS, MOST_LETTERS = 6, 12, 22


def sheet(cells: Sequence[Sequence[Array | None]], columns: Sequence[str] = (), rows: Sequence[str] = ()) -> Array:
    """A sheet (H, W, 3) uint8 of pictures (h, w, 3) uint8 of any sizes, row by row; None leaves a place free.

    A column is as wide as its widest picture and a row as high as its highest; `columns` and `rows` are their titles.
    """
    across = max((len(row) for row in cells), default=0)
    widths = [
        max((p.shape[1] for row in cells for p in row[i : i + 1] if p is not None), default=0) for i in range(across)
    ]
    heights = [max((p.shape[0] for p in row if p is not None), default=0) for row in cells]
    unit = min(max(LEAST_LETTERS, min(filter(None, widths), default=0) // 14), MOST_LETTERS)
    letters, line = font(unit), round(1.25 * unit)
    heads = [
        wrapped(title, letters, width) if title else [] for title, width in zip(columns, widths, strict=bool(columns))
    ]
    sides = [wrapped(title, letters, 8 * unit) if title else [] for title in rows]
    left = max((round(letters.getlength(words)) + 2 * GAP for lines in sides for words in lines), default=0)
    top = max((len(lines) for lines in heads), default=0) * line + (GAP if any(heads) else 0)
    width = left + sum(widths) + GAP * max(0, across - 1)
    height = top + sum(heights) + GAP * max(0, len(cells) - 1)
    page = Image.new("RGB", (max(1, width), max(1, height)), PAPER)
    pen = ImageDraw.Draw(page)
    lefts = [left + sum(widths[:i]) + GAP * i for i in range(across)]
    for x, lines in zip(lefts, heads, strict=False):
        for i, words in enumerate(lines):
            pen.text((x + 1, top - GAP - line * (len(lines) - i)), words, fill=INK, font=letters)
    y = top
    for n, row in enumerate(cells):
        for i, words in enumerate(sides[n] if n < len(sides) else ()):
            pen.text((GAP, y + line * i), words, fill=INK, font=letters)
        for x, picture in zip(lefts, row, strict=False):
            if picture is not None:
                page.paste(Image.fromarray(np.ascontiguousarray(picture)), (x, y))
        y += heights[n] + GAP
    return np.asarray(page)
