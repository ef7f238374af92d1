"""What the generation techniques reach on real models and pictures; prints one line per figure.

Run: python tests/benchmarks/generation_goals.py DATA [fooling pgd classes inversion dream] [--course] [--count N]
DATA holds tiny-imagenet-100-A.zip and, for --course and `classes`, pretrained_model.h5. The embedded model is measured
unless --course is given. --count: so many pictures and classes instead of 200 and 100.
"""

import argparse
import io
import resource
import time
import zipfile
from collections import deque
from pathlib import Path

import numpy as np
from PIL import Image
from skimage import data
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from phosphene_class_visualization import ClassVisualization
from phosphene_cnn import CNN
from phosphene_core.modelfile import load_model
from phosphene_deepdream import DeepDream, tiles
from phosphene_feature_inversion import FeatureInversion
from phosphene_fooling import Fooling
from phosphene_objectives import ClassScore, FeatureMatch, LayerActivation


def last(technique, model, images, objective, seed=0):
    frames = technique.frames(model, images, objective.bound(model, images), np.random.default_rng(seed))
    return deque(frames, maxlen=1)[0]


def validation(folder, model, count):
    """The first `count` validation pictures and their classes."""
    with zipfile.ZipFile(folder / "tiny-imagenet-100-A.zip") as archive:
        listing = next(n for n in archive.namelist() if n.endswith("val/val_annotations.txt"))
        root = listing.removesuffix("val_annotations.txt") + "images/"
        rows = [line.split("\t")[:2] for line in archive.read(listing).decode().splitlines()[:count]]
        pictures = [np.asarray(Image.open(io.BytesIO(archive.read(root + f))).convert("RGB")) for f, _ in rows]
    return model.preprocess(pictures), np.array([model.class_ids.index(w) for _, w in rows])


def fooling(folder, model, _, count):
    count = count or 200
    images, labels = validation(folder, model, 2 * count + 100)
    right = np.flatnonzero(model.predict(images).argmax(axis=1) == labels)[:count]
    wanted = (labels[right] + np.random.default_rng(0).integers(1, 100, len(right))) % 100
    frame = last(Fooling(), model, images[right], ClassScore(tuple(int(c) for c in wanted)))
    saved = model.preprocess(list(model.deprocess(frame.images)))
    share = (model.predict(saved).argmax(axis=1) == wanted).mean()
    change = np.median(frame.facts["largest_change"])
    print(f"fooling ({frame.step} steps at most): {share:.1%} of {len(right)} saved pictures fool; median largest change {change:.1f}/255")


def pgd(folder, model, _, count):
    count = count or 200
    images, labels = validation(folder, model, count)
    right = model.predict(images).argmax(axis=1) == labels
    frame = last(Fooling(method="pgd"), model, images[right], ClassScore(None))
    saved = model.preprocess(list(model.deprocess(frame.images)))
    left = (model.predict(saved).argmax(axis=1) == labels[right]).sum()
    print(f"pgd at 8/255: accuracy {right.mean():.1%} before, {left / count:.1%} after ({frame.step} steps)")


def classes(folder, model, other, count):
    wanted = tuple(range(0, 100, 100 // (count or 100)))
    images = np.zeros((len(wanted), *model.input_shape), np.float32)
    frame = last(ClassVisualization(), model, images, ClassScore(wanted))
    sure = model.predict(frame.images)[np.arange(len(wanted)), wanted]
    seen = other.predict(other.preprocess(list(model.deprocess(frame.images))))
    rank = (seen > seen[np.arange(len(wanted)), wanted][:, None]).sum(axis=1)
    print(f"class visualization: {(sure >= 0.99).sum()} of {len(wanted)} at 0.99 or more; the other model has it "
          f"first {(rank < 1).sum()} times, in its first five {(rank < 5).sum()} times")  # fmt: skip
    started = time.perf_counter()
    last(ClassVisualization(), model, images[:1], ClassScore(0))
    print(f"class visualization: 100 steps of one picture in {time.perf_counter() - started:.2f} s")


def inversion(folder, model, _, count):
    images = model.preprocess([data.astronaut()[:360, 60:420], data.chelsea(), data.coffee()])
    pictures = model.deprocess(images)
    for layer in ("conv4", "conv7"):
        frame = last(FeatureInversion(), model, images, FeatureMatch(layer))
        found = model.deprocess(frame.images)
        ssim = [structural_similarity(a, b, channel_axis=2) for a, b in zip(pictures, found, strict=True)]
        psnr = [peak_signal_noise_ratio(a, b) for a, b in zip(pictures, found, strict=True)]
        print(f"inversion from {layer}: SSIM {np.round(ssim, 3)}, PSNR {np.round(psnr, 1)} dB, "
              f"feature distance {np.round(np.sqrt(-2 * frame.values), 4)}")  # fmt: skip


def dream(folder, model, _, count):
    photo = np.asarray(Image.fromarray(data.rocket()).resize((1600, 1200)))
    images = model.preprocess([photo], square=False)
    started = time.perf_counter()
    last(DeepDream(), model, images, LayerActivation(None))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"deepdream 1600x1200, 4 octaves: {time.perf_counter() - started:.0f} s, {peak:.0f} MB at most in the process"
    )
    for steps in (1, 10):
        print(f"deepdream, seams after {steps} steps: pixels differ from their neighbours across the borders of tiles "
              f"{seams(model, images[..., :600, :800], steps):.3f} times as much as elsewhere")  # fmt: skip


def seams(model, images, steps):
    """How much the change differs between neighbours where a tile has ended, over how much it does elsewhere."""
    cuts, own = [], tiles._windows

    def noted(*asked):
        windows = list(own(*asked))
        cuts.extend((asked[0], first) for _, (first, _) in windows if first)
        return iter(windows)

    tiles._windows = noted
    made = DeepDream(steps=steps, octaves=1, jitter=0, tile=160)
    change = last(made, model, images, LayerActivation(None)).images - images
    tiles._windows = own
    at, elsewhere = [], []
    for axis in (2, 3):
        across = np.abs(np.diff(change, axis=axis)).mean(axis=tuple({0, 1, 2, 3} - {axis}))
        borders = np.isin(np.arange(1, len(across) + 1), [c for size, c in cuts if size == len(across) + 1])
        at.append(across[borders].mean())
        elsewhere.append(across[~borders].mean())
    return sum(at) / sum(elsewhere)


def main(folder, names, use_course, count):
    small, course = CNN.pretrained(), None
    if use_course or "classes" in names or not names:
        course = load_model(folder / "pretrained_model.h5", {"CNN": CNN})
    pair = (course, small) if use_course else (small, course)
    for goal in (dream, fooling, pgd, classes, inversion):
        if not names or goal.__name__ in names:
            goal(folder, *pair, count)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", choices=["dream", "fooling", "pgd", "classes", "inversion"])
    parser.add_argument("--course", action="store_true")
    parser.add_argument("--count", type=int)
    asked = parser.parse_args()
    main(asked.folder, asked.names, asked.course, asked.count)
