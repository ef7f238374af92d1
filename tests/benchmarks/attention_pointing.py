"""Does a captioner that attends look at the thing that its word is about? On held-out scenes of several things, the share of words of
colours and of shapes for which the place that it looks at most touches the thing.

    python tests/benchmarks/attention_pointing.py MODEL [COUNT]
"""

import sys

import numpy as np

from phosphene_captioning.objectives import CaptionWord
from phosphene_captioning.vocabulary import START
from phosphene_core import Need, Pass
from phosphene_core.model import ImageModel
from phosphene_faithfulness.of_scenes import of_scenes
from phosphene_registry import Registry
from phosphene_scenes import Scenes

model = Registry().resolve(ImageModel, sys.argv[1])
scenes = Scenes(side=model.input_shape[1])
count = int(sys.argv[2]) if len(sys.argv) > 2 else 400
looks: dict[str, list[bool]] = {"colours": [], "shapes": []}
for asked in of_scenes(model, scenes, "test", count, lambda said, place, measure: CaptionWord(str(place), said, measure)):
    before = np.array([[START, *asked.objective.tokens[:-1]]])
    features = model.features(asked.images)
    done = model.speaker.decode(features, before, np.ones(before.shape, bool), Pass(need=Need.NOTHING))
    grid = done.alpha[0, asked.objective.places[0]].reshape(features.shape[2:])
    row, column = np.unravel_index(grid.argmax(), grid.shape)
    height, width = (side // places for side, places in zip(asked.masks.shape[1:], grid.shape, strict=True))
    seen = asked.masks[0, row * height : (row + 1) * height, column * width : (column + 1) * width]
    looks["shapes" if asked.words[0] in scenes.shapes else "colours"].append(bool(seen.any()))
for kind, hits in looks.items():
    print(f"{kind}: {np.mean(hits):.1%} of {len(hits)}")
