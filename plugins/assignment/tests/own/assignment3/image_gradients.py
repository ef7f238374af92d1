import numpy as np

from phosphene_fooling import Fooling
from phosphene_objectives import ClassScore
from phosphene_saliency import Saliency

RNG = np.random.default_rng(0)


def compute_saliency_maps(model, X, y):
    objective = ClassScore(target=tuple(int(c) for c in y)).bound(model, X)
    return Saliency(channels="max").attribute(model, X, objective, RNG).maps


def make_fooling_image(model, X, target_y, max_steps=100):
    if model.predict(X).argmax() == target_y:
        return X.copy()
    for frame in Fooling(steps=max_steps).frames(model, X, ClassScore(target=target_y), RNG):
        if frame.facts["fooled"].all():
            break
    return frame.images
