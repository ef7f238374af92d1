"""The judge's pictures: curves, maps beside each other, and what becomes of maps as a model forgets."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from phosphene_core.heatmap import Scale, draw, overlay
from phosphene_core.image import encode, resize
from phosphene_core.layer import Array
from phosphene_core.sheet import sheet
from phosphene_core.wholefile import whole
from phosphene_faithfulness.curves import FRACTIONS
from phosphene_faithfulness.judging import Verdict
from phosphene_faithfulness.questions import Questions
from phosphene_faithfulness.references import RANDOM, REFERENCES

SIDE = 112
SHOWN = 4
OUTLINE = np.array([255, 255, 255], np.uint8)


def draw_all(verdicts: Sequence[Verdict], some: list[Questions], folder: Path) -> dict[str, str]:
    """Write every picture into `folder`; their file names. `some`: the questions that the verdicts' maps belong to."""
    files = {"curves": "curves.png", "maps": "maps.png", "randomization": "randomization.png"}
    draw_curves(verdicts, folder / files["curves"])
    encode(maps_sheet(verdicts, some), folder / files["maps"])
    encode(randomization_sheet(verdicts, some), folder / files["randomization"])
    return files


def draw_curves(verdicts: Sequence[Verdict], path: Path) -> None:
    """Three panels: deletion, insertion, and how like its first each technique's map stays as layers become random."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13.5, 4.4), layout="constrained", dpi=120)
    FigureCanvasAgg(figure)
    styles = _styles(verdicts)
    for place, (measure, words) in enumerate(
        (("deletion", "deletion: falls early if the map is right"), ("insertion", "insertion: rises early if it is")), 1
    ):
        axes = figure.add_subplot(1, 3, place)
        for verdict in verdicts:
            axes.plot(FRACTIONS, verdict.curves[measure].mean(axis=0), **styles[verdict.name])
        axes.set(title=words, xlabel="pixels taken away" if place == 1 else "pixels shown", xlim=(0, 1), ylim=(0, None))
        axes.set_ylabel("probability of the answer")
    axes = figure.add_subplot(1, 3, 3)
    layers = verdicts[0].cascade.layers
    for verdict in verdicts:
        similarity = [1.0, *verdict.cascade.similarity.mean(axis=1)]
        axes.plot(range(len(layers) + 1), similarity, label=verdict.name, **styles[verdict.name])
    axes.set_xticks(range(len(layers) + 1), ["learned", *layers], rotation=60, ha="right")
    axes.set(title="randomization: falls if the map shows the model", ylabel="similarity to the learned model's map")
    for axes in figure.axes:
        axes.title.set_fontsize(11)
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside right center", frameon=False, fontsize=9)
    with whole(path) as file:
        figure.savefig(file, format="png")


def _styles(verdicts: Sequence[Verdict]) -> dict[str, dict[str, Any]]:
    """A line for each technique; what must be beaten is dashed."""
    from matplotlib import colormaps

    colours = [colormaps[name](i) for name, count in (("tab10", 10), ("Dark2", 8)) for i in range(count)]
    styles: dict[str, dict[str, Any]] = {}
    dashes = iter(((0, (4, 2)), (0, (1, 1.2))))
    for verdict in verdicts:
        if verdict.name in REFERENCES:
            styles[verdict.name] = {"color": "#333", "linestyle": next(dashes), "linewidth": 1.8}
        else:
            styles[verdict.name] = {"color": colours[len(styles) % len(colours)], "linewidth": 1.6}
    return styles


def maps_sheet(verdicts: Sequence[Verdict], some: list[Questions]) -> Array:
    """A row for each of the first questions: the picture, the thing outlined where it is known, and every map."""
    rows: list[list[Array | None]] = []
    words: list[str] = []
    for questions in some:
        pictures = questions.model.deprocess(questions.images)
        for n, picture in enumerate(pictures):
            if len(rows) < SHOWN:
                mask = None if questions.masks is None else questions.masks[n]
                maps = [verdict.maps[len(rows)] for verdict in verdicts]
                rows.append([_outlined(_large(picture), mask), *(_shown(_large(picture), m) for m in maps)])
                words.append(questions.words[n])
    return sheet(rows, ["", *(_title(v) for v in verdicts)], words)


def randomization_sheet(verdicts: Sequence[Verdict], some: list[Questions]) -> Array:
    """A row for each technique: its map of the first picture, and what it becomes as layers are made random from the
    top."""
    picture = _large(some[0].model.deprocess(some[0].images[:1])[0])
    shown = [v for v in verdicts if v.name != RANDOM]  # noise stays as it is, and shows nothing
    rows = [[draw(_large_map(m)) for m in verdict.cascade.maps[:, 0]] for verdict in shown]
    first = verdicts[0].cascade.layers
    columns = ["learned", *(f"{layer} random" if i == 0 else f"and {layer}" for i, layer in enumerate(first))]
    head: list[Array | None] = [picture]
    return sheet([head, *rows], columns, [some[0].words[0], *map(_title, shown)])


def _title(verdict: Verdict) -> str:
    """A technique's name, to be broken into lines."""
    return verdict.name.replace("_", " ").replace(":", ": ").replace(",", ", ")


def _shown(picture: Array, values: Array) -> Array:
    return overlay(picture, _large_map(values), Scale.of(values))


def _outlined(picture: Array, mask: Array | None) -> Array:
    """The picture with a line around the mask."""
    if mask is None:
        return picture
    inside = resize(mask.astype(np.float32), *picture.shape[:2]) > 0.5
    near = np.pad(inside, 2)
    wider = np.any([np.roll(near, shift, axis) for axis in (0, 1) for shift in (-2, -1, 1, 2)], axis=0)[2:-2, 2:-2]
    return np.where((wider & ~inside)[:, :, None], OUTLINE, picture)


def _large(picture: Array) -> Array:
    scale = SIDE / max(picture.shape[:2])
    return resize(picture, round(picture.shape[0] * scale), round(picture.shape[1] * scale))


def _large_map(values: Array) -> Array:
    scale = SIDE / max(values.shape)
    return resize(np.asarray(values, np.float32), round(values.shape[0] * scale), round(values.shape[1] * scale))
