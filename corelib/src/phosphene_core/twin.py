"""A model seen through other layers: how a technique changes the rules of a network without touching it."""

from collections.abc import Callable
from typing import Any

import attrs

from phosphene_core.chain import Chain
from phosphene_core.dataset import Batch
from phosphene_core.errors import PhospheneError
from phosphene_core.layer import Grads, Layer, Params, Pass
from phosphene_core.model import ImageModel
from phosphene_core.options import options_of


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


def with_rule(model: ImageModel, rule: str) -> Twin:
    """The model with another way back through its rectifiers: every layer whose setting `rule` offers this choice has
    it. `PhospheneError` if no layer does."""
    found = False

    def change(layer: Layer) -> Layer:
        nonlocal found
        offered = any(o.name == "rule" and rule in o.choices for o in options_of(type(layer)))
        found = found or offered
        return attrs.evolve(layer, rule=rule) if offered else layer  # type: ignore[call-arg]

    changed = twin(model, change)
    if not found:
        raise PhospheneError(f"no layer of this model has the backward rule '{rule}'; rectifiers (ReLU) do")
    return changed
