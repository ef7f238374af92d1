import numpy as np


def score_gradient(model, X, y):
    trace = model.trace(X)
    seed = np.zeros_like(trace[model.scores])
    seed[np.arange(len(X)), y] = 1
    return trace.backward({model.scores: seed})[0]


def compute_saliency_maps(model, X, y):
    return np.abs(score_gradient(model, X, y)).max(axis=1)


def make_fooling_image(model, X, target_y, max_steps=100):
    X = X.copy()
    low, high = model.pixel_range(X)
    for _ in range(max_steps):
        if model.trace(X)[model.scores].argmax() == target_y:
            break
        g = score_gradient(model, X, target_y)
        X += 100 * g / np.linalg.norm(g)
        X = np.clip(X, low, high)
    return X
