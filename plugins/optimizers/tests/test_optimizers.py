"""The optimizers keep the contract, and do what their papers say."""

import pytest

from phosphene_core.optimizer import Optimizer
from phosphene_core.testing import check_optimizer
from phosphene_optimizers import SGD, Adam, AdamW, Momentum, RMSProp
from phosphene_optimizers.engine import use_twins

ALL: list[Optimizer] = [
    SGD(), SGD(weight_decay=0.1), Momentum(), Momentum(nesterov=True, weight_decay=0.1, decay_vectors=True), RMSProp(),
    RMSProp(weight_decay=0.1), Adam(), Adam(weight_decay=0.1), AdamW(), AdamW(weight_decay=0.5, decay_vectors=True),
]  # fmt: skip


@pytest.mark.parametrize("twins", [False, True], ids=["kernels", "twins"])
@pytest.mark.parametrize("optimizer", ALL, ids=str)
def test_the_contract(optimizer: Optimizer, twins: bool) -> None:
    if twins:
        with use_twins():
            check_optimizer(optimizer)
    else:
        check_optimizer(optimizer)
