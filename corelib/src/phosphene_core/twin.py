"""A model seen through other layers: how a technique changes the rules of a network without touching it."""

from collections.abc import Callable
from typing import Any

import attrs

from phosphene_core.chain import Chain
from phosphene_core.dataset import Batch
from phosphene_core.layer import Grads, Layer, Params, Pass
from phosphene_core.model import ImageModel


@attrs.frozen
class Twin(ImageModel):
    """`original` with another `network` (and other parameters, where the network wants them). Made to be looked
    through: it traces and predicts as any model does, but it is not trained."""

    original: ImageModel
    network: Chain

    @property
    def input_shape(self) -> tuple[int, int, int]:
        return self.original.input_shape

    def initialized(self, rng: Any) -> "Twin":
        raise TypeError("a twin is made to be looked through; initialize the original")

    def loss(self, batch: Batch, run: Pass) -> tuple[float, dict[str, float], Grads]:
        raise TypeError("a twin is made to be looked through; train the original")


def twin(model: ImageModel, network: Chain | Callable[[Layer], Layer], params: Params | None = None) -> Twin:
    """The model with another network, or with every layer, inside chains too, replaced by `network(layer)`.

    `twin(model, lambda layer: attrs.evolve(layer, rule="guided") if isinstance(layer, ReLU) else layer)`
    """
    chain = network if isinstance(network, Chain) else model.network.replace(network)
    return Twin(
        model, chain, params=model.params if params is None else params,
        mean=model.mean, class_names=model.class_names, class_ids=model.class_ids,
    )  # fmt: skip
