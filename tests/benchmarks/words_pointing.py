"""Does the map of a word point at the thing that the word is about? The pointing game (Zhang et al. 2016) on `scenes`, for
words of colours and of shapes, in scenes that hold other things besides.

    python tests/benchmarks/words_pointing.py [MODEL] [COUNT]      # a captioner of scenes (default: scenes_captioner)

Every attribution that is registered, at its defaults unless the table says otherwise, and a random map beside them. A hit
is a map whose highest pixel touches the thing; a word that the captioner would not say is not asked about.
"""

import sys
import time
from typing import Any

import numpy as np

from phosphene_captioning.objectives import CaptionWord
from phosphene_core import Attribution, PhospheneError
from phosphene_core.model import ImageModel
from phosphene_faithfulness.of_scenes import of_scenes
from phosphene_faithfulness.pointing import points
from phosphene_registry import Registry
from phosphene_scenes import Scenes


def hits(registry: Registry, spec: str, asked: list[Any]) -> dict[str, list[bool]]:
    """Whether each map points at its thing, by what the word is about."""
    technique = registry.resolve(Attribution, spec) if spec != "random" else None
    found: dict[str, list[bool]] = {"colour": [], "shape": []}
    for number, question in enumerate(asked):
        rng = np.random.default_rng(number)
        if technique is None:
            maps = rng.random((1, *question.images.shape[2:]))
        else:
            maps = technique.attribute(question.model, question.images, question.objective, rng).maps
        kind = "shape" if question.words[0] in Scenes().shapes else "colour"
        found[kind].append(bool(points(np.asarray(maps), question.masks)[0]))
    return found


def main() -> None:
    registry = Registry()
    model = registry.resolve(ImageModel, sys.argv[1] if len(sys.argv) > 1 else "scenes_captioner")
    scenes = Scenes(side=model.input_shape[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    asked = of_scenes(model, scenes, "test", count, lambda said, place, measure: CaptionWord(str(place), said, measure))
    last = model.feature_maps[-1]
    own = [n for n, e in registry.entries("technique").items() if issubclass(e.cls, Attribution)]
    finer = [f"gradcam:layer={name}" for name in model.feature_maps if name != last]
    print(f"{len(asked)} words; the share whose map points at its thing")
    print(f"{'technique':<32} {'colour':>8} {'shape':>8} {'all':>8} {'seconds':>9}")
    for spec in ["random", *own, *finer]:
        started = time.perf_counter()
        try:
            found = hits(registry, spec, asked)
        except PhospheneError as error:
            print(f"{spec:<32} {error}")
            continue
        both = found["colour"] + found["shape"]
        shares = "".join(f" {np.mean(some):8.1%}" if some else f" {'–':>8}" for some in (*found.values(), both))
        print(f"{spec:<32}{shares} {time.perf_counter() - started:9.1f}", flush=True)


if __name__ == "__main__":
    main()
