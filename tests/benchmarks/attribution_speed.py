"""What attributions cost: one photograph, and a picture of a batch beside a picture alone.

    python tests/benchmarks/attribution_speed.py

Prints, for each technique on the embedded network, the milliseconds of one photograph and of one of sixteen in a batch,
medians; integrated gradients at 50 steps should stay below a second.
"""

import statistics
import time

import numpy as np

from phosphene_core import Attribution, ImageModel
from phosphene_core.image import center_crop
from phosphene_objectives import ClassScore
from phosphene_registry import Registry

BATCH = 16
SLOW = ("rise", "occlusion", "scorecam")  # many looks at each picture: a batch saves nothing


def milliseconds(work, times):
    work()
    found = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        found.append(time.perf_counter() - started)
    return 1000 * statistics.median(found)


def main():
    from skimage import data

    registry = Registry()
    model = registry.resolve(ImageModel, "cnn")
    photo = center_crop(data.coffee())
    images = model.preprocess([photo] * BATCH)  # the same: integrated gradients takes more steps where they are needed
    print(f"{'technique':22s} {'alone':>10s} {'in a batch':>11s} {'ratio':>6s}")
    for name, entry in registry.entries("technique").items():
        if not issubclass(entry.cls, Attribution):
            continue
        technique = registry.resolve(Attribution, name)

        def ask(count, technique=technique):
            some = images[:count]
            technique.attribute(model, some, ClassScore().bound(model, some), np.random.default_rng(0))

        alone = milliseconds(lambda ask=ask: ask(1), 3 if name in SLOW else 7)
        together = milliseconds(lambda ask=ask: ask(BATCH), 1 if name in SLOW else 3) / BATCH
        print(f"{name:22s} {alone:8.1f} ms {together:8.1f} ms {together / alone:6.2f}", flush=True)


if __name__ == "__main__":
    main()
