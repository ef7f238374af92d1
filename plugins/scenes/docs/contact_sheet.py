"""Draws the pictures of the README: `python docs/contact_sheet.py`."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from phosphene_scenes import Scenes

HERE = Path(__file__).parent
PAPER, INK = (255, 255, 255), (40, 40, 46)


def sheet(data: Scenes, columns: int, rows: int, split: str = "val") -> Image.Image:
    """Scenes with their captions below."""
    side, gap, below = data.side, 12, 46
    page = Image.new("RGB", (columns * (side + gap) + gap, rows * (side + gap + below) + gap), PAPER)
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(11)
    pictures = data.pixels(split, np.arange(columns * rows))
    for i, picture in enumerate(pictures):
        x, y = gap + i % columns * (side + gap), gap + i // columns * (side + gap + below)
        page.paste(Image.fromarray(picture), (x, y))
        lines = wrapped(data.sentence(split, i), lambda text: pen.textlength(text, font) <= side)
        pen.multiline_text((x, y + side + 2), "\n".join(lines), INK, font, spacing=1)
    return page


def words(data: Scenes, row: int, split: str = "val") -> Image.Image:
    """One scene for each word of its caption, lit where the word is."""
    masks, picture = data.masks(split, row), data.pixels(split, np.array([row]))[0]
    gap, below = 8, 20
    page = Image.new("RGB", (len(masks.sentence) * (data.side + gap) + gap, data.side + gap + below), PAPER)
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(13)
    for i, word in enumerate(masks.sentence):
        lit = np.where(masks.words.get(i, np.zeros(picture.shape[:2], bool))[..., None], picture, 0.25 * picture + 20)
        x = gap + i * (data.side + gap)
        page.paste(Image.fromarray(lit.astype(np.uint8)), (x, gap))
        pen.text((x + data.side / 2, data.side + gap + 2), word, INK, font, anchor="ma")
    return page


def wrapped(text: str, fits) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        lines[-1:] = [longer] if fits(longer) else [lines[-1], word]
    return lines


if __name__ == "__main__":
    data = Scenes(side=96)
    sheet(data, 8, 3).quantize(255, dither=Image.Dither.NONE).save(HERE / "scenes.png", optimize=True)
    row = next(i for i in range(100) if "left of" in data.sentence("val", i))
    words(data, row).quantize(255, dither=Image.Dither.NONE).save(HERE / "words.png", optimize=True)
