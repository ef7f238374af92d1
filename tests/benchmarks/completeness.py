"""How nearly maps of integrated gradients add up, and how near they come to the integral, at 50 steps.

    python tests/benchmarks/completeness.py DATA [--course] [--count 60] [--baseline mean]

Photographs of scikit-image and validation images of DATA/tiny-imagenet-100-A.zip, the embedded model or, with --course,
DATA/pretrained_model.h5; the class that the model sees. The error is the map's distance (L1) from the one of 2,000
midpoints, as a fraction of that map.
"""

import argparse
from pathlib import Path

import attrs
import numpy as np
from generation_goals import validation
from skimage import data

from phosphene_cnn import CNN
from phosphene_core.modelfile import load_model
from phosphene_integrated_gradients import IntegratedGradients
from phosphene_integrated_gradients.quadrature import METHODS
from phosphene_objectives import ClassScore

PHOTOS = ("astronaut", "chelsea", "coffee", "rocket")


def main(asked):
    model = load_model(asked.folder / "pretrained_model.h5", {"CNN": CNN}) if asked.course else CNN.pretrained()
    photos = model.preprocess([getattr(data, name)() for name in PHOTOS])
    images = np.concatenate([photos, validation(asked.folder, model, asked.count)[0][: asked.count - len(photos)]])
    question = ClassScore().bound(model, images)

    def attribute(**settings):
        technique = IntegratedGradients(baseline=asked.baseline, tolerance=None, **settings)
        return technique.attribute(model, images, question, np.random.default_rng(0))

    truth = attribute(method="midpoint", steps=2000).maps
    print(f"{len(images)} pictures, baseline {asked.baseline}")
    for method in METHODS:
        result = attribute(method=method)
        gap = result.facts["completeness_gap"]
        error = np.abs(result.maps - truth).sum(axis=(1, 2)) / np.abs(truth).sum(axis=(1, 2))
        print(
            f"{method:14s} completeness gap: median {np.median(gap):.2%}, most {gap.max():.2%}, "
            f"above 1%: {(gap > 0.01).sum()}; error: median {np.median(error):.2%}, most {error.max():.2%}", flush=True
        )  # fmt: skip
        if method == "calibrated":
            rough = (result.facts["quadrature_gap"] > attrs.fields(IntegratedGradients).tolerance.default).sum()
            print(f"{'':14s} done again with more steps by default: {rough}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--course", action="store_true")
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--baseline", default="mean")
    main(parser.parse_args())
