"""The contracts that a plugin's tests call; what fails is told in words (`ContractError`, an AssertionError)."""

from phosphene_core.testing.contract import ContractError
from phosphene_core.testing.datasets import check_dataset
from phosphene_core.testing.layers import check_layer
from phosphene_core.testing.models import check_model
from phosphene_core.testing.objectives import check_objective
from phosphene_core.testing.optimizers import check_optimizer
from phosphene_core.testing.recurrent import TinyRecurrent
from phosphene_core.testing.steps import check_steps
from phosphene_core.testing.table import Contract, contracts
from phosphene_core.testing.techniques import check_technique
from phosphene_core.testing.tiny import TinyClassifier, tiny_classifier, tiny_pictures
from phosphene_core.testing.training import TinyColours, TinyMomentum

__all__ = [
    "Contract", "ContractError", "TinyClassifier", "TinyColours", "TinyMomentum", "TinyRecurrent", "check_dataset", "check_layer", "check_model",
    "check_objective", "check_optimizer", "check_steps", "check_technique", "contracts", "tiny_classifier", "tiny_pictures",
]  # fmt: skip
