"""Phosphene's core: the interfaces that every plugin shares."""

from phosphene_core import openblas  # noqa: F401 - before anything loads numpy

# isort: split
from phosphene_core.baseline import BASELINES
from phosphene_core.chain import Chain, Trace
from phosphene_core.channels import REDUCTIONS, reduce_channels
from phosphene_core.dataset import Batch, Dataset
from phosphene_core.errors import FileError, NotFoundError, PhospheneError, SettingError, ShapeError
from phosphene_core.hooks import hookimpl
from phosphene_core.layer import Array, AttentiveLayer, Backward, Grads, Layer, Need, Params, Pass, RecurrentLayer
from phosphene_core.model import ImageModel, Model
from phosphene_core.objective import Objective, Total, image_gradient, image_value
from phosphene_core.optimizer import Optimizer
from phosphene_core.options import option, tuned
from phosphene_core.technique import Attribution, Frame, Generation, Result, Technique
from phosphene_core.twin import Twin, with_rule

__version__ = "0.1.0"

__all__ = [
    "BASELINES", "REDUCTIONS", "Array", "AttentiveLayer", "Attribution", "Backward", "Batch", "Chain", "Dataset", "FileError", "Frame",
    "Generation", "Grads", "ImageModel", "Layer", "Model", "Need", "NotFoundError", "Objective", "Optimizer", "Params",
    "Pass", "PhospheneError", "RecurrentLayer", "Result", "SettingError", "ShapeError", "Technique", "Total", "Trace",
    "Twin", "hookimpl", "image_gradient", "image_value", "option", "reduce_channels", "tuned", "with_rule",
]  # fmt: skip
