"""Given: what the notebooks draw with, and made-up scenes to learn captions from."""

import matplotlib.pyplot as plt
import numpy as np

from phosphene_core import Dataset, ImageModel, Need, Optimizer, Pass
from phosphene_core.gradcheck import numeric_gradient, relative_error
from phosphene_registry import Registry

resolve = Registry().resolve


def classifier():
    """The classifier that travels with Phosphene: 100 classes, pictures of 64 by 64 pixels."""
    from phosphene_cnn import CNN

    return CNN.pretrained()


def gradients(function, inputs, came, seed):
    """Draw how far gradients are from central differences, and return the largest relative error.

    `inputs`: arrays by name; `function()` computes the output from them, as they are; `came`: the gradients by the same names;
    `seed`: the gradient of the output.
    """
    errors = {n: relative_error(came[n], numeric_gradient(function, a, seed)) for n, a in inputs.items()}
    _, axis = plt.subplots(figsize=(5, 0.3 * len(errors) + 0.8))
    axis.barh(list(errors), [max(e, 1e-12) for e in errors.values()], color=["#2a7d4f" if e < 1e-6 else "#c44" for e in errors.values()])
    axis.set(xscale="log", xlim=(1e-12, 10), title="largest relative error (green: right)")
    axis.axvline(1e-6, color="#999", lw=1)
    axis.invert_yaxis()
    return max(errors.values())


def sheet(pictures, titles=(), colours=(), columns=6, size=1.5):
    """Draw pictures (H, W, 3) or maps (H, W) in a grid."""
    rows = -(-len(pictures) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(size * columns, (size + 0.3) * rows), squeeze=False)
    for i, axis in enumerate(axes.ravel()):
        axis.axis("off")
        if i < len(pictures):
            axis.imshow(pictures[i], **({"cmap": "magma"} if np.ndim(pictures[i]) == 2 else {}))
            axis.set_title(titles[i] if len(titles) else "", fontsize=8, color=colours[i] if len(colours) else "black")
    figure.tight_layout()


class Scenes:
    """Scenes of coloured shapes with captions: `features` (N, 512), `captions` (N, T), `pixels`, `words`; and as many new ones
    with the names `new_features`, `new_captions`, `new_pixels`."""

    def __init__(self, count=1000, new=100, objects=1):
        data = resolve(Dataset, f"scenes:count={count},held_out={new},objects={objects}")
        model = classifier()
        self.words = data.vocabulary
        made = []
        for split, size in (("train", count), ("val", new)):
            batch = data.batch(split, np.arange(size))
            images = (batch["images"] + data.mean - model.mean).astype(np.float32)
            traces = [model.trace(images[i : i + 100], upto="hidden", run=Pass(need=Need.NOTHING)) for i in range(0, size, 100)]
            captions = batch["captions"][:, : 6 if objects == 1 else None]
            made.append((np.concatenate([t["hidden"] for t in traces]), captions, data.pixels(split, np.arange(min(size, 24)))))
        (self.features, self.captions, self.pixels), (self.new_features, self.new_captions, self.new_pixels) = made
        center, spread = self.features.mean(axis=0), self.features.std(axis=0) + 1e-3
        self.features, self.new_features = (self.features - center) / spread, (self.new_features - center) / spread

    def sentence(self, caption):
        """The words of a row of numbers, up to <END>."""
        words = []
        for token in caption:
            if token == 2:
                break
            words += [self.words[token]] if token > 2 else []
        return " ".join(words)


def train(loss, params, features, captions, epochs, learning_rate=2e-3, batch_size=25):
    """Adam on `loss(params, features, captions) -> (loss, grads)`; `params` are changed in place. The loss of every step."""
    adam = resolve(Optimizer, f"adam:learning_rate={learning_rate}")
    state, rng, losses = adam.start(params), np.random.default_rng(0), []
    for epoch in range(epochs):
        for rows in np.array_split(rng.permutation(len(captions)), len(captions) // batch_size):
            value, grads = loss(params, features[rows], captions[rows])
            adam.update(params, {k: np.asarray(g, np.float32) for k, g in grads.items()}, state, 1 - epoch / epochs)
            losses.append(value)
    return losses


def photographs(model, names=("chelsea", "coffee", "rocket")):
    """Sample photographs as the model's input."""
    from skimage import data

    from phosphene_core.image import center_crop

    assert isinstance(model, ImageModel)
    return model.preprocess([center_crop(getattr(data, name)()) for name in names])
