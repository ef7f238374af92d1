"""Part 4: pictures that a network makes.

So that the same seed gives the same picture everywhere, draw from `rng` in this order and in no other: first the picture to
start from, where there is one: noise(model, rng); then, at the beginning of every step with jitter, dy, dx =
rng.integers(-max_jitter, max_jitter + 1, 2), also where max_jitter is 0.
"""

import numpy as np


def noise(model, rng):
    """Given: a picture (1, 3, H, W) of N(0, 1) about the mean image, in the model's number type."""
    number_type = next(iter(model.params.values())).dtype
    return rng.standard_normal((1, *model.input_shape)).astype(number_type)


def jitter(X, dy, dx):
    """Given: pictures rolled by dy rows and dx columns; jitter(X, -dy, -dx) undoes it."""
    return np.roll(X, (dy, dx), axis=(2, 3))


def blur_image(X):
    """Given: a slight blur, [[1, 2, 1], [2, 188, 2], [1, 2, 1]] / 200, edges repeated."""
    rows, columns = X.shape[2:]
    padded = np.pad(X, ((0, 0), (0, 0), (1, 1), (1, 1)), mode="edge")
    out = np.zeros_like(X)
    for i, row in enumerate(((1, 2, 1), (2, 188, 2), (1, 2, 1))):
        for j, weight in enumerate(row):
            out += weight / 200 * padded[:, :, i : i + rows, j : j + columns]
    return out


def create_class_visualization(
    model, target_y, rng, *, steps=100, learning_rate=20000.0, l2_reg=1e-6, max_jitter=4, blur_every=1
):
    """A picture (1, 3, H, W) that the model is sure shows target_y, from noise: ascend (score of target_y) - l2_reg ‖X‖².

    In every step t = 0, 1, ...: jitter; the gradient of the objective (the L2 term's too); X moves by learning_rate times
    it; undo the jitter; clip to model.pixel_range(X); where blur_every is not 0 and t % blur_every == 0, blur_image.
    Simonyan, Vedaldi and Zisserman 2014.
    """
    raise NotImplementedError


def invert_features(model, target_features, layer, rng, *, steps=200, learning_rate=60.0, l2_reg=1e-8, blur_every=0):
    """A picture (1, 3, H, W) whose activation in `layer` is near target_features (1, ...), from noise: descend
    ‖Φ(X) - target_features‖² + l2_reg ‖X‖².

    In every step: the gradient; X moves against it by learning_rate times it; clip; blur as above. model.trace(X, upto=layer)
    computes no more than is needed. Mahendran and Vedaldi 2015.
    """
    raise NotImplementedError


def deepdream(model, X, layer, rng, *, steps=50, learning_rate=20.0, max_jitter=16):
    """The pictures X (N, 3, H, W) with more of what `layer` sees in them: ascend ½ ‖Φ(X)‖², whose gradient by the
    activation is the activation itself.

    In every step: jitter; the gradient; X moves by learning_rate times it; undo the jitter; clip to model.pixel_range(X).
    Leave the X that you were given as it is. Mordvintsev, Olah and Tyka 2015.
    """
    raise NotImplementedError
