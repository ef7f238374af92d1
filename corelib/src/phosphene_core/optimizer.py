"""An optimizer turns gradients into changed parameters."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

import attrs

from phosphene_core.layer import Array, Params

State = dict[str, Array]


@attrs.frozen
class Optimizer(ABC):
    """A rule of change. Subclasses are `@attrs.frozen`, hold only settings, and have one called `learning_rate`.

    Schedules and clipping belong to the trainer; weight decay that is part of the rule belongs here.
    """

    learning_rate: float

    @abstractmethod
    def start(self, params: Params) -> State:
        """The state before the first update: flat, arrays only, so that a checkpoint can hold it."""

    @abstractmethod
    def update(self, params: dict[str, Array], grads: Mapping[str, Array], state: State, scale: float = 1.0) -> None:
        """One update, in place in `params` and `state`, for every name in `grads`. `scale` multiplies the learning
        rate (the schedule's factor). Gradients are left unchanged."""
