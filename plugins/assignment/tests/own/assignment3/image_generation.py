import attrs
import numpy as np

from phosphene_core import Objective, image_gradient
from phosphene_imageopt import Jitter
from phosphene_objectives import ClassScore, LayerActivation

KERNEL = np.array([[1, 2, 1], [2, 188, 2], [1, 2, 1]]) / 200


def noise(model, rng):
    return rng.standard_normal((1, *model.input_shape)).astype(next(iter(model.params.values())).dtype)


def blurred(X):
    p = np.pad(X, ((0, 0), (0, 0), (1, 1), (1, 1)), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(p, (3, 3), axis=(2, 3))
    return np.einsum("nchwij,ij->nchw", windows, KERNEL).astype(X.dtype)


@attrs.frozen(eq=False)
class Nearness(Objective):
    """Minus the squared distance of a layer's activation from features."""

    layer: str
    features: np.ndarray

    def upto(self, model):
        return self.layer

    def __call__(self, trace):
        away = trace[self.layer] - self.features
        return -np.square(away).sum(axis=(1, 2, 3)), {self.layer: -2 * away}


def climb(model, objective, X, rng, steps, learning_rate, l2_reg=0.0, max_jitter=None, blur_every=0):
    low, high = model.pixel_range(X)
    for t in range(steps):
        seen, back = (X, lambda g: g) if max_jitter is None else Jitter(max_jitter)(X, rng)
        gradient = back(image_gradient(model, seen, objective)[0])
        X = np.clip(X + learning_rate * (gradient - 2 * l2_reg * X), low, high).astype(X.dtype)
        X = blurred(X) if blur_every and t % blur_every == 0 else X
    return X


def create_class_visualization(model, target_y, rng, *, steps, learning_rate, l2_reg, max_jitter, blur_every):
    X = noise(model, rng)
    return climb(model, ClassScore(target=target_y), X, rng, steps, learning_rate, l2_reg, max_jitter, blur_every)


def invert_features(model, target_features, layer, rng, *, steps, learning_rate, l2_reg, blur_every):
    X = noise(model, rng)
    return climb(model, Nearness(layer, target_features), X, rng, steps, learning_rate, l2_reg, None, blur_every)


def deepdream(model, X, layer, rng, *, steps, learning_rate, max_jitter):
    return climb(model, LayerActivation(layer), X, rng, steps, learning_rate, max_jitter=max_jitter)
