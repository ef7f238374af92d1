import numpy as np


def extra(model, images, rng):
    """Grad-CAM of the two likeliest classes, beside the picture."""
    trace = model.trace(images)
    scores = trace[model.scores]
    made = [model.deprocess(images)[0]]
    layer = model.feature_maps[-3]
    for k in np.argsort(-scores[0])[:2]:
        seed = np.zeros_like(scores)
        seed[0, k] = 1
        gradient, _ = trace.backward({model.scores: seed}, to=layer)
        weights = gradient.mean(axis=(2, 3), keepdims=True)
        cam = np.maximum((weights * trace[layer]).sum(axis=1)[0], 0)
        side = images.shape[2] // cam.shape[0]
        cam = np.kron(cam / max(cam.max(), 1e-9), np.ones((side, side)))[..., None]
        made.append((made[0] * (0.25 + 0.75 * cam)).astype(np.uint8))
    return np.stack(made[1:])


def about():
    return """The pictures show Grad-CAM, by Selvaraju and others (2017), for the two classes that the network believes in
    most. For each class I take the gradient of its score by the last larger map of features, average it over the places,
    which gives a weight for each channel, and add up the channels with these weights. What is negative is cut off, because
    only what speaks for the class is asked for. The picture is dark where nothing speaks for the class and bright where much
    does. When the two maps light up different places, the network has seen two things in one picture; when they are alike,
    it wavers between two names of one thing."""
