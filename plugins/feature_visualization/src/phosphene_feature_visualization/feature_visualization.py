"""What a neuron, a channel or a layer looks for."""

from collections.abc import Iterator
from typing import ClassVar

import attrs
import numpy as np

from phosphene_core.layer import Array
from phosphene_core.model import ImageModel
from phosphene_core.objective import Objective
from phosphene_core.options import option
from phosphene_core.technique import Frame
from phosphene_feature_visualization.sheet import EachChannel, channels, laid_out
from phosphene_imageopt import Visualization


@attrs.frozen
class FeatureVisualization(Visualization):
    """What a channel, a neuron or a layer answers to most.

    Ascends the activation of a channel, a neuron or a layer from noise (Erhan et al. 2009; Yosinski et al. 2015; Olah,
    Mordvintsev and Schubert 2017). With `sheet`, draws every channel of the layer that is asked about, `batch` at a
    time, side by side on one picture; facts: `values`, the activation that each channel reached.
    """

    paper: ClassVar[str] = "Erhan et al. 2009; Yosinski et al. 2015; Olah, Mordvintsev, Schubert 2017"
    objective: ClassVar[str] = "channel"
    examples: ClassVar[tuple[str, ...]] = tuple(f"channel:layer=conv8,channel={c}" for c in (4, 13, 23))

    sheet: bool = option(False, "draw all channels of the layer, side by side")
    first: int = option(0, "the sheet's first channel", ge=0)
    count: int = option(64, "channels on the sheet at most", ge=1)
    batch: int = option(16, "channels of the sheet that are drawn at a time", ge=1)

    def frames(
        self, model: ImageModel, images: Array, objective: Objective, rng: np.random.Generator
    ) -> Iterator[Frame]:
        if not self.sheet:
            yield from super().frames(model, images, objective, rng)
            return
        layer, numbers = channels(model, images, objective, self.first, self.count)
        cells = np.zeros((len(numbers), *images.shape[1:]), images.dtype)
        values = np.zeros(len(numbers))
        groups = [numbers[i : i + self.batch] for i in range(0, len(numbers), self.batch)]
        for done, group in enumerate(groups):
            rows = slice(done * self.batch, done * self.batch + len(group))
            blank = np.zeros((len(group), *images.shape[1:]), images.dtype)
            for frame in super().frames(model, blank, EachChannel(layer, group), rng):
                if frame.step == 0 and done:
                    continue
                cells[rows], values[rows] = frame.images, frame.values
                yield Frame(
                    done * self.steps + frame.step, len(groups) * self.steps, laid_out(model, cells),
                    values.mean(keepdims=True), {"layer": layer, "first": self.first, "values": values.tolist()},
                )  # fmt: skip
