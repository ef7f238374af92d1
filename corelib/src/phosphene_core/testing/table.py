"""The contracts as a table over everything that a plugin registers."""

from collections.abc import Callable, Iterator
from typing import Any

import attrs

from phosphene_core.testing.datasets import check_dataset
from phosphene_core.testing.layers import check_layer
from phosphene_core.testing.models import check_model
from phosphene_core.testing.objectives import check_objective
from phosphene_core.testing.optimizers import check_optimizer
from phosphene_core.testing.techniques import check_technique

CHECKS: dict[str, Callable[[Any], None]] = {
    "layer": check_layer,
    "model": check_model,
    "optimizer": check_optimizer,
    "objective": check_objective,
    "technique": check_technique,
    "dataset": check_dataset,
}
"""The contract of each kind."""


@attrs.frozen
class Contract:
    """One registered class and the contract of its kind."""

    kind: str
    name: str
    cls: type

    def check(self) -> None:
        """`ContractError` tells the first promise that the class breaks."""
        CHECKS[self.kind](self.cls)

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


def contracts(plugin: Any) -> list[Contract]:
    """A contract for each class that `plugin` (a module, or an object with hook implementations) registers.

        @pytest.mark.parametrize("contract", contracts(my_plugin), ids=str)
        def test_it_keeps_its_contract(contract):
            contract.check()
    """
    return list(_registered(plugin))


def _registered(plugin: Any) -> Iterator[Contract]:
    for kind in CHECKS:
        found: list[Contract] = []
        hook = getattr(plugin, f"register_{kind}s", None)
        if hook is not None:
            hook(lambda name, cls, kind=kind, found=found: found.append(Contract(kind, name, cls)))
        yield from found
