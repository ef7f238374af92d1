"""Paints `strokes.png`, the built-in style: thousands of brush strokes along a flow with two whirls. Run: python strokes.py"""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

SIDE, FINE = 320, 3
PALETTE = np.array(
    [[14, 26, 74], [28, 62, 138], [52, 118, 176], [126, 178, 196], [238, 214, 122], [240, 150, 44], [246, 236, 196]]
)
WHIRLS = ((0.32, 0.36, 1.0), (0.74, 0.62, -1.0))


def flow(x, y):
    """The direction of the strokes, and how near the next whirl is (0..1)."""
    u, v, near = np.full_like(x, 0.9), 0.35 * np.sin(5 * x), np.zeros_like(x)
    for cx, cy, turn in WHIRLS:
        dx, dy = x - cx, y - cy
        distance = np.hypot(dx, dy) + 1e-3
        pull = np.exp(-((distance / 0.24) ** 2)) * 4
        u, v = u - turn * pull * dy / distance, v + turn * pull * dx / distance
        rings = 0.5 + 0.5 * np.cos(distance * 46)
        near = np.maximum(near, np.exp(-((distance / 0.2) ** 2)) * (0.55 + 0.45 * rings))
    length = np.hypot(u, v)
    return u / length, v / length, near


def main():
    rng = np.random.default_rng(4)
    size = SIDE * FINE
    image = Image.new("RGB", (size, size), tuple(PALETTE[1]))
    draw = ImageDraw.Draw(image)
    for width, count, reach in ((0.028, 900, 0.10), (0.016, 2600, 0.075), (0.009, 5200, 0.05), (0.005, 4200, 0.035)):
        x, y = rng.uniform(-0.05, 1.05, (2, count))
        _, _, near = flow(x, y)
        waves = 0.5 + 0.5 * np.sin(9 * y + 3 * np.sin(4 * x) + 2 * x)
        shade = np.clip(3.1 * near + 2.6 * waves * (1 - near) + rng.normal(0, 0.55, count) + 2.3 * (near > 0.4), 0, 6)
        low = np.floor(shade).astype(int).clip(0, 5)
        colours = PALETTE[low] + (PALETTE[low + 1] - PALETTE[low]) * (shade - low)[:, None]
        colours = (colours + rng.normal(0, 9, (count, 3))).clip(0, 255).astype(int)
        paths = [(x, y)]
        for _ in range(10):
            u, v, _ = flow(x, y)
            x, y = x + u * reach / 10, y + v * reach / 10
            paths.append((x, y))
        points = np.array(paths).transpose(2, 0, 1) * size
        for path, colour in zip(points, colours, strict=True):
            for bristle in rng.normal(0, 0.45, 4):  # a stroke is a few bristles, each of a slightly other shade
                offset = bristle * width * size
                tone = tuple(int(c) for c in (colour + rng.normal(0, 10)).clip(0, 255))
                draw.line(
                    [(a + offset * 0.3, b + offset) for a, b in path], fill=tone, width=max(1, int(width * size * 0.4))
                )
    small = image.resize((SIDE, SIDE), Image.Resampling.LANCZOS).quantize(192, dither=Image.Dither.NONE)
    small.save(Path(__file__).parent.parent / "src/phosphene_style_transfer/strokes.png", optimize=True)


if __name__ == "__main__":
    main()
