"""Questions about pictures that are made: class visualization, feature inversion and DeepDream."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from phosphene_assignment.asking import Asked, Generator
from phosphene_assignment.comparing import array, described, equal, true
from phosphene_assignment.reference import pictures as reference
from phosphene_assignment.rubric import Check, Item, Judge
from phosphene_assignment.subjects import CLASSES, LAYERS, pictures, pretrained, random_model
from phosphene_core.layer import Array, Need, Pass

VISUALIZED: dict[str, dict[str, Any]] = {
    "one step": {"steps": 1, "learning_rate": 300.0, "l2_reg": 1e-3, "max_jitter": 0, "blur_every": 0},
    "jitter": {"steps": 4, "learning_rate": 300.0, "l2_reg": 0.0, "max_jitter": 4, "blur_every": 0},
    "pixel range": {"steps": 3, "learning_rate": 3e6, "l2_reg": 0.0, "max_jitter": 0, "blur_every": 0},
    "blur": {"steps": 4, "learning_rate": 300.0, "l2_reg": 0.0, "max_jitter": 0, "blur_every": 3},
}
INVERTED: dict[str, dict[str, Any]] = {
    "one step": {"steps": 1, "learning_rate": 30.0, "l2_reg": 0.0, "blur_every": 0},
    "L2": {"steps": 3, "learning_rate": 30.0, "l2_reg": 1e-3, "blur_every": 0},
    "pixel range": {"steps": 3, "learning_rate": 1e7, "l2_reg": 0.0, "blur_every": 0},
    "blur": {"steps": 4, "learning_rate": 30.0, "l2_reg": 0.0, "blur_every": 2},
}
DREAMT: dict[str, dict[str, Any]] = {
    "one step": {"steps": 1, "learning_rate": 30.0, "max_jitter": 0},
    "jitter": {"steps": 4, "learning_rate": 30.0, "max_jitter": 5},
    "pixel range": {"steps": 3, "learning_rate": 1e7, "max_jitter": 0},
}


def class_visualization(asked: Asked, rng: np.random.Generator) -> Judge:
    model, known = random_model(rng), pretrained()
    here, there = asked.model(model), asked.model()
    name = "image_generation.create_class_visualization"
    target, seen = int(rng.integers(CLASSES)), int(rng.integers(100))
    seeds = {check: int(rng.integers(1 << 31)) for check in (*VISUALIZED, "picture")}
    came = {check: asked.call(name, here, target, Generator(seeds[check]), **how) for check, how in VISUALIZED.items()}
    final = asked.call(name, there, seen, Generator(seeds["picture"]), steps=20, learning_rate=20000.0, l2_reg=1e-6, max_jitter=2,
                       blur_every=1)  # fmt: skip

    def judge() -> Iterator[Check]:
        for check, how in VISUALIZED.items():
            want = reference.class_visualization(model, target, seeds[check], **how)
            suspects = {"the jitter is not undone": reference.class_visualization(model, target, seeds[check], **how, unrolled=False)}
            yield equal(check, came[check], want, 1, suspects if how["max_jitter"] else None)
        picture = array(final, (1, *known.input_shape))
        sure = 0.0 if picture is None else float(known.predict(picture.astype(np.float32))[0, seen])
        yield true("a picture of the embedded network's", sure > 0.5, 1, f"20 steps make it sure of class {seen}",
                   f"its probability is {sure:.3f}" if picture is not None else f"{described(final)} came")  # fmt: skip

    return judge


def inversion(asked: Asked, rng: np.random.Generator) -> Judge:
    model, known = random_model(rng), pretrained()
    here, there = asked.model(model), asked.model()
    name = "image_generation.invert_features"
    layer = str(rng.choice(LAYERS))
    features = _features(model, pictures(model, 1, rng), layer)
    sought = pictures(known, 1, rng, blobs=4)
    shallow = _features(known, sought, "conv1")
    seeds = {check: int(rng.integers(1 << 31)) for check in (*INVERTED, "picture")}
    came = {check: asked.call(name, here, features, layer, Generator(seeds[check]), **how) for check, how in INVERTED.items()}
    final = asked.call(name, there, shallow, "conv1", Generator(seeds["picture"]), steps=40, learning_rate=200.0, l2_reg=1e-8,
                       blur_every=0)  # fmt: skip

    def judge() -> Iterator[Check]:
        for check, how in INVERTED.items():
            yield equal(check, came[check], reference.inversion(model, features, layer, seeds[check], **how), 1)
        picture = array(final, sought.shape)
        alike = 0.0 if picture is None else float(np.corrcoef(picture.ravel(), sought.ravel())[0, 1])
        yield true("a picture from conv1 of the embedded network", alike > 0.7, 1, "40 steps give the picture back",
                   f"the correlation with it is {alike:.3f}" if picture is not None else f"{described(final)} came")  # fmt: skip

    return judge


def deepdream(asked: Asked, rng: np.random.Generator) -> Judge:
    model, known = random_model(rng), pretrained()
    here, there = asked.model(model), asked.model()
    name = "image_generation.deepdream"
    layer = str(rng.choice(LAYERS))
    images, photo = pictures(model, 1, rng), pictures(known, 1, rng)
    seeds = {check: int(rng.integers(1 << 31)) for check in (*DREAMT, "picture")}
    came = {check: asked.call(name, here, images, layer, Generator(seeds[check]), **how) for check, how in DREAMT.items()}
    final = asked.call(name, there, photo, "conv5", Generator(seeds["picture"]), steps=15, learning_rate=60.0, max_jitter=8)

    def judge() -> Iterator[Check]:
        for (check, how), points in zip(DREAMT.items(), (1.5, 1.5, 1), strict=True):
            want = reference.deepdream(model, images, layer, seeds[check], **how)
            suspects = {"the jitter is not undone": reference.deepdream(model, images, layer, seeds[check], **how, unrolled=False)}
            yield equal(check, came[check], want, points, suspects if how["max_jitter"] else None)
        picture = array(final, photo.shape)
        before, after = (float(np.square(_features(known, p.astype(np.float32), "conv5")).sum()) if p is not None else 0.0 for p in (photo, picture))
        yield true("a dream of the embedded network's", after > 1.6 * before, 1, "15 steps make conv5 see much more",
                   f"its activation grew {after / before:.2f} times" if picture is not None else f"{described(final)} came")  # fmt: skip

    return judge


def _features(model: Any, images: Array, layer: str) -> Array:
    return np.asarray(model.trace(images, upto=layer, run=Pass(need=Need.NOTHING))[layer])


ITEMS = (
    Item("create_class_visualization", "generation", 5, class_visualization),
    Item("invert_features", "generation", 5, inversion),
    Item("deepdream", "generation", 5, deepdream),
)
