"""A caption as a strip of pictures: for each word, what in the photograph spoke for it."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from phosphene_core.heatmap import overlay
from phosphene_core.image import blur, resize
from phosphene_core.layer import Array

SIDE, LABEL = 144, 26


def strip(picture: Array, maps: list[Array], words: list[str], columns: int = 8) -> Array:
    """The photograph (H, W, 3), then its overlay with each word's map, words written beneath: (h, w, 3) uint8."""
    square = resize(picture, SIDE, SIDE)
    cells = [(square, "")]
    for values, word in zip(maps, words, strict=True):
        smooth = blur(values.astype(np.float32), max(1.0, values.shape[0] / 24))
        cells.append((resize(overlay(square, smooth), SIDE, SIDE), word))
    columns = min(columns, len(cells))
    rows = -(-len(cells) // columns)
    sheet = Image.new("RGB", (columns * (SIDE + 4), rows * (SIDE + LABEL)), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(15)
    for i, (cell, word) in enumerate(cells):
        x, y = i % columns * (SIDE + 4), i // columns * (SIDE + LABEL)
        sheet.paste(Image.fromarray(np.ascontiguousarray(cell[..., :3])), (x, y))
        draw.text((x + SIDE / 2, y + SIDE + 3), word, fill="#222", font=font, anchor="ma")
    return np.asarray(sheet)
