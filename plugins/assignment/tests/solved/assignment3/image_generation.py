import numpy as np

from assignment3.image_gradients import score_gradient


def noise(model, rng):
    number_type = next(iter(model.params.values())).dtype
    return rng.standard_normal((1, *model.input_shape)).astype(number_type)


def jitter(X, dy, dx):
    return np.roll(X, (dy, dx), axis=(2, 3))


def blur_image(X):
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
    X = noise(model, rng)
    low, high = model.pixel_range(X)
    for t in range(steps):
        dy, dx = rng.integers(-max_jitter, max_jitter + 1, 2)
        X = jitter(X, dy, dx)
        X = X + learning_rate * (score_gradient(model, X, target_y) - 2 * l2_reg * X)
        X = jitter(X, -dy, -dx)
        X = np.clip(X, low, high)
        if blur_every and t % blur_every == 0:
            X = blur_image(X)
    return X


def invert_features(model, target_features, layer, rng, *, steps=200, learning_rate=60.0, l2_reg=1e-8, blur_every=0):
    X = noise(model, rng)
    low, high = model.pixel_range(X)
    for t in range(steps):
        trace = model.trace(X, upto=layer)
        dX, _ = trace.backward({layer: 2 * (trace[layer] - target_features)})
        X = X - learning_rate * (dX + 2 * l2_reg * X)
        X = np.clip(X, low, high)
        if blur_every and t % blur_every == 0:
            X = blur_image(X)
    return X


def deepdream(model, X, layer, rng, *, steps=50, learning_rate=20.0, max_jitter=16):
    low, high = model.pixel_range(X)
    for _ in range(steps):
        dy, dx = rng.integers(-max_jitter, max_jitter + 1, 2)
        X = jitter(X, dy, dx)
        trace = model.trace(X, upto=layer)
        X = X + learning_rate * trace.backward({layer: trace[layer]})[0]
        X = jitter(X, -dy, -dx)
        X = np.clip(X, low, high)
    return X
