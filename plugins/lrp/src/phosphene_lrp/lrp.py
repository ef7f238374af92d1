"""The answer, shared out among the pixels."""

from typing import ClassVar

import attrs
import numpy as np

from phosphene_core.channels import REDUCTIONS, reduce_channels
from phosphene_core.errors import PhospheneError
from phosphene_core.layer import Array, Layer
from phosphene_core.model import ImageModel
from phosphene_core.objective import Objective
from phosphene_core.options import option
from phosphene_core.technique import Attribution, Result
from phosphene_core.twin import twin
from phosphene_lrp.folding import folded
from phosphene_lrp.rules import LINEAR, STEADY, AlphaBeta, Epsilon


@attrs.frozen
class LRP(Attribution):
    """Relevance, handed down layer by layer to the pixels.

    Layer-wise relevance propagation: each unit hands its relevance down to what made it, in proportion. Bach et al.
    2015. It runs on a twin of the model whose layers send relevance back instead of gradients; batch normalization is
    folded into the convolution or matrix before it.

    The map (N, H, W) is in units of the objective, signed with `sum`. The facts tell the `relevance` that was handed
    in (for a class score: the score) and the fraction of it that did `arrive` at the pixels, each (N,); biases keep
    some of it.
    """

    title: ClassVar[str] = "Layer-wise relevance propagation (LRP)"
    paper: ClassVar[str] = "Bach et al. 2015; Montavon et al. 2017"

    rule: str = option(
        "alpha_beta", "epsilon: in proportion to contributions; alpha_beta: positive and negative ones apart; z_plus: "
        "positive ones alone", choices=("epsilon", "alpha_beta", "z_plus"),
    )  # fmt: skip
    epsilon: float = option(1e-6, "what steadies small sums in the epsilon rule; more of it gives calmer maps", ge=0)
    alpha: float = option(2.0, "weight of positive contributions in the alpha-beta rule; beta is alpha - 1", ge=1)
    channels: str = option(
        "sum", "how the colours' shares become one number: the signed sum, the largest magnitude, or the length",
        choices=REDUCTIONS,
    )  # fmt: skip

    def attribute(self, model: ImageModel, images: Array, objective: Objective, rng: np.random.Generator) -> Result:
        chain, params = folded(model.network, model.params)
        relevant = twin(model, chain.replace(self.ruled), params)
        trace = relevant.trace(images, upto=objective.upto(model))
        values, seeds = objective(trace)
        handed_in = {name: seed * trace[name] for name, seed in seeds.items()}
        shares = trace.backward(handed_in)[0]
        if not np.isfinite(shares).all():
            raise PhospheneError(f"the relevance for {objective.describe(model)} is not finite; try a larger epsilon")
        relevance = sum(r.reshape(len(images), int(np.prod(r.shape[1:]))).sum(axis=1) for r in handed_in.values())
        arrived = shares.sum(axis=(1, 2, 3)) / np.where(relevance != 0, relevance, 1)
        return Result(reduce_channels(shares, self.channels), values, {"relevance": relevance, "arrived": arrived})

    def ruled(self, layer: Layer) -> Layer:
        """The layer, sending relevance back by the chosen rule."""
        if isinstance(layer, LINEAR) and self.rule == "alpha_beta":
            return AlphaBeta(layer, self.alpha)
        if isinstance(layer, LINEAR) and self.rule == "z_plus":
            return AlphaBeta(layer, 1.0, biased=False)
        return Epsilon(layer, self.epsilon if isinstance(layer, LINEAR) else STEADY)
