"""The captioner's part of the demonstration page: photographs with a map for every word."""

import html
from pathlib import Path
from typing import Any

import numpy as np

from phosphene_captioning.describing import load, word_maps
from phosphene_captioning.word_strip import strip
from phosphene_core import FileError
from phosphene_core.image import center_crop, encode


def section(registry: Any, folder: Path) -> str:
    """HTML: what the embedded captioner says of the sample photographs, with a map for every word."""
    from skimage import data

    try:
        model = load(registry)
    except (FileError, FileNotFoundError):
        return ""
    rows = []
    for name in ("chelsea", "coffee", "rocket"):
        picture = np.asarray(getattr(data, name)())
        maps, words = word_maps(registry, model, picture, "smoothgrad")
        encode(strip(center_crop(picture), maps, words), folder / f"caption-{name}.png")
        shown = f'<img style="width:auto;max-width:100%" src="caption-{name}.png" alt="">'
        rows.append(f'<p>“{html.escape(" ".join(words))}”</p><p>{shown}</p>')
    told = "; ".join(model.learned_from)
    return (
        "<section><h2>What it says, word by word</h2><p>A caption of each photograph, and for each word the pixels that "
        f"spoke for it (SmoothGrad of the word's score). The captioner has learned from {html.escape(told)}.</p>"
        f"{''.join(rows)}</section>"
    )
