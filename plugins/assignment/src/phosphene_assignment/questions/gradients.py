"""Questions about image gradients: saliency maps and fooling images."""

from collections.abc import Iterator

import numpy as np

from phosphene_assignment.asking import Asked
from phosphene_assignment.comparing import array, described, equal, true
from phosphene_assignment.reference import pictures as reference
from phosphene_assignment.rubric import Check, Item, Judge
from phosphene_assignment.subjects import CLASSES, pictures, pretrained, random_model

FURTHEST = 20.0
"""How far a fooling image may be from its picture: the root of the mean square over its pixels, in pixel values. Plain
ascent with steps of length 100 stays below 12."""
RANKS = 30
"""Targets are among so many of the classes that the network finds likeliest."""


def saliency(asked: Asked, rng: np.random.Generator) -> Judge:
    model, known = random_model(rng), pretrained()
    one, batch, photo = pictures(model, 1, rng), pictures(model, 4, rng), pictures(known, 1, rng)
    classes = rng.permutation(CLASSES)[:4]
    here, there = asked.model(model), asked.model()
    name = "image_gradients.compute_saliency_maps"
    target = rng.integers(0, 100, 1)
    came = [asked.call(name, here, one, classes[:1]), asked.call(name, here, batch, classes), asked.call(name, there, photo, target)]

    def judge() -> Iterator[Check]:
        gradient = reference.score_gradient(model, batch, classes)
        mistakes = {"the channels are added up instead of taking the largest magnitude": gradient.sum(axis=1),
                    "the magnitude is left out": gradient.max(axis=1), "all pictures are asked about the first one's class":
                    reference.saliency(model, batch, np.full(4, classes[0]))}  # fmt: skip
        yield equal("one picture", came[0], reference.saliency(model, one, classes[:1]), 2)
        yield equal("four pictures, each with its class", came[1], reference.saliency(model, batch, classes), 2, mistakes)
        yield equal("the embedded network", came[2], reference.saliency(known, photo, target), 1)

    return judge


def fooling(asked: Asked, rng: np.random.Generator) -> Judge:
    model = pretrained()
    images = pictures(model, 2, rng)
    low, high = model.pixel_range(images)
    ranked = np.argsort(-model.predict(images), axis=1)
    seen, targets = ranked[:, 0], [int(r[k]) for r, k in zip(ranked, rng.integers(1, RANKS, 2), strict=True)]
    kept = asked.model()
    name = "image_gradients.make_fooling_image"
    came = [asked.call(name, kept, images[i : i + 1], targets[i]) for i in range(2)]
    already = asked.call(name, kept, images[:1], int(seen[0]))

    def judge() -> Iterator[Check]:
        made = [array(c, images[:1].shape) for c in came]
        shape = f"an array of shape {images[:1].shape}, finite"
        for i, (one, points) in enumerate(zip(made, (1, 1), strict=True)):
            name = f"picture {i + 1} fools"
            if one is None:
                yield true(name, False, points, shape, f"{described(came[i])} came")
                continue
            now = int(model.predict(one.astype(np.float32)).argmax())
            yield true(name, now == targets[i], points, f"class {targets[i]}", f"the network sees class {now}")
        away = [np.sqrt(np.square(m - images[i]).mean()) if m is not None else np.inf for i, m in enumerate(made)]
        yield true("close to the picture", max(away) <= FURTHEST and min(away) > 0, 1,
                   f"a change of at most {FURTHEST:g} (root mean square)", f"the changes are {', '.join(f'{a:.3g}' for a in away)}")  # fmt: skip
        out = max((max((low - m[0]).max(), (m[0] - high).max()) if m is not None else np.inf) for m in made)
        yield true("still a picture", out <= 1e-3, 1, "pixels within model.pixel_range(X)", f"they leave it by {out:.3g}")
        same = array(already, images[:1].shape)
        yield true("stops as soon as it fools", same is not None and np.abs(same - images[:1]).max() < 1e-6, 1,
                   "the picture itself, where the network sees the target already", "something else came")  # fmt: skip

    return judge


ITEMS = (
    Item("compute_saliency_maps", "gradients", 5, saliency),
    Item("make_fooling_image", "gradients", 5, fooling),
)
