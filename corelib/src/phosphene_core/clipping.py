"""Clipping of gradients by their joint norm. Pascanu et al. 2013."""

import math

import numpy as np

from phosphene_core.layer import Grads


def clip(grads: Grads, largest: float) -> float:
    """Scale all gradients together so that their joint norm is at most `largest`; the norm before."""
    norm = math.sqrt(sum(float(np.vdot(g, g)) for g in grads.values()))
    if norm > largest:
        for g in grads.values():
            g *= largest / norm
    return norm
