"""Loss and accuracy of a run as a picture. The only place that draws with matplotlib."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from phosphene_core.wholefile import whole

TRAIN, VAL = "#3b6fb6", "#d1495b"


def draw(history: Sequence[Mapping[str, Any]], path: Path) -> None:
    """One panel per measure (the loss first) over epochs, training and validation, as a PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    measures = list(dict.fromkeys(m for record in history for part in ("train", "val") for m in record.get(part, {})))
    figure = Figure(figsize=(4.6 * max(1, len(measures)), 3.4), layout="constrained", dpi=130)
    FigureCanvasAgg(figure)
    for i, measure in enumerate(measures, 1):
        axes = figure.add_subplot(1, len(measures), i)
        for part, colour, words in (("train", TRAIN, "training"), ("val", VAL, "validation")):
            points = [(r["epoch"], r[part][measure]) for r in history if measure in r.get(part, {})]
            if points:
                axes.plot(
                    *zip(*points, strict=True), color=colour, label=words, marker="o", markersize=3, linewidth=1.6
                )
        axes.set_title(measure, loc="left", fontsize=11)
        axes.set_xlabel("epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        if all(0 <= r.get(part, {}).get(measure, 0) <= 1 for r in history for part in ("train", "val")):
            axes.set_ylim(0, 1)
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
        if i == 1:
            axes.legend(frameon=False, fontsize=9)
    with whole(path) as file:
        figure.savefig(file, format="png")
