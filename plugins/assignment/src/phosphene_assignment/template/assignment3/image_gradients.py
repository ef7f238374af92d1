"""Part 3: what moves the network's answer.

`model` is a classifier of Phosphene's (`phosphene_core.ImageModel`). Pictures are (N, 3, H, W), 0..255 less the mean image.

    trace = model.trace(X)                     # forward; every layer's activation is kept
    trace[model.scores]                        # the class scores (N, classes); trace["conv3"] is a layer
    dX, _ = trace.backward({name: gradient})   # from a gradient by an activation to the gradient by the pictures
    low, high = model.pixel_range(X)           # the values that pixels can have
"""

import numpy as np


def compute_saliency_maps(model, X, y):
    """For every picture the gradient of the (unnormalized) score of its class y (N,), by its pixels; of its three channels
    the largest magnitude. Returns (N, H, W). Simonyan, Vedaldi and Zisserman 2014."""
    raise NotImplementedError


def make_fooling_image(model, X, target_y, max_steps=100):
    """A picture (1, 3, H, W) close to X (1, 3, H, W) that the model takes for the class target_y.

    Ascend the target's score by the gradient over its length, look after each step whether the network is fooled, and stop
    at once when it is (before the first step, if it sees the target already). Keep pixels in model.pixel_range(X), leave X
    itself as it is. Steps of length 100 or so do; the root of the mean squared change must not exceed 20. Szegedy et al. 2014.
    """
    raise NotImplementedError
