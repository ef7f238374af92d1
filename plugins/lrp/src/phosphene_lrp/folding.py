"""Batch normalization, folded into the convolution or the matrix before it."""

import numpy as np

from phosphene_core.chain import Chain
from phosphene_core.layer import Array, Layer, Params, inner, outer
from phosphene_dense import BatchNorm, BatchNormReLU, ReLU
from phosphene_lrp.rules import LINEAR


def folded(chain: Chain, params: Params) -> tuple[Chain, dict[str, Array]]:
    """A chain and parameters that compute the same with no normalization after a linear layer. Only inside blocks: what
    a named activation of the outer chain holds stays what it was."""
    layers: list[tuple[str, Layer]] = []
    made = dict(params)
    for name, layer in chain:
        if isinstance(layer, Chain):
            layer, own = _block(layer, inner(params, name))
            made = {k: v for k, v in made.items() if not k.startswith(f"{name}.")} | outer(name, own)
        layers.append((name, layer))
    return Chain(layers), made


def _block(chain: Chain, params: Params) -> tuple[Chain, dict[str, Array]]:
    chain, made = folded(chain, params)
    layers: list[tuple[str, Layer]] = []
    for name, layer in chain:
        if isinstance(layer, BatchNorm) and layers and isinstance(layers[-1][1], LINEAR):
            before = layers[-1][0]
            own = inner(made, name)
            scale = own["gamma"] / np.sqrt(own["running_var"] + layer.eps)
            w = made[f"{before}.W"]
            made[f"{before}.W"] = w * (scale.reshape(-1, 1, 1, 1) if w.ndim == 4 else scale)
            made[f"{before}.b"] = (made[f"{before}.b"] - own["running_mean"]) * scale + own["beta"]
            if isinstance(layer, BatchNormReLU):
                layers.append((name, ReLU()))
        else:
            layers.append((name, layer))
    return Chain(layers), made
