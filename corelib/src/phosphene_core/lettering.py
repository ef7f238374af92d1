"""Words in pictures: the letters that Pillow brings, and text broken into lines that fit."""

from functools import cache

from PIL import ImageFont

INK, PAPER = (40, 40, 48), (255, 255, 255)
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@cache
def font(size: int) -> Font:
    """Letters `size` pixels high."""
    return ImageFont.load_default(size)


def wrapped(text: str, letters: Font, width: float) -> list[str]:
    """The text in lines of at most `width` pixels; a word that is longer stays whole."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and letters.getlength(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
