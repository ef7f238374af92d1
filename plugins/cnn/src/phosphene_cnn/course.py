"""The file layout of CS231n 2016's `pretrained_model.h5`: W1..., b1..., gamma1..., beta1..., running_mean1..., running_var1...

The last two W are matrices, (in, out) or stored transposed; the ones before are filters (F, C, size, size). The file
tells neither strides nor class names nor, in the course's own copy, a mean image: strides are the course's (2, 1, 2, 1,
...), and the names and the mean of TinyImageNet-100-A travel with this plugin.
"""

from importlib.resources import as_file, files
from typing import Any, TypeVar

import attrs
import numpy as np

from phosphene_core import modelfile
from phosphene_core.errors import FileError
from phosphene_core.hdf5 import held
from phosphene_core.layer import Array
from phosphene_core.model import ImageModel

T = TypeVar("T", bound=ImageModel)
CONVOLUTION = {"W": "conv.W", "b": "conv.b"}
AFFINE = {"W": "affine.W", "b": "affine.b"}
NORMALIZATION = {
    "gamma": "batchnorm.gamma",
    "beta": "batchnorm.beta",
    "running_mean": "batchnorm.running_mean",
    "running_var": "batchnorm.running_var",
}


def read(cls: type[T], file: Any) -> T | None:
    """The model in an open HDF5 file of this layout, or None if there is no W1. `FileError` names what is wrong."""
    if held(file, "W1") is None:
        return None
    count = max(int(k[1:]) for k in file if k[:1] == "W" and k[1:].isdigit())
    if count < 3:
        raise FileError(f"{file.filename}: has W1 to W{count}; a network of this layout has at least three")
    weights = [_array(file, f"W{i}") for i in range(1, count + 1)]
    filters = weights[:-2]
    for i, w in enumerate(filters, 1):
        channels = 3 if i == 1 else filters[i - 2].shape[0]
        if w.ndim != 4 or w.shape[1] != channels or w.shape[2] != w.shape[3]:
            raise FileError(f"{file.filename}: 'W{i}' has shape {w.shape}; it should be (filters, {channels}, size, size)")
    hidden, classes = (_array(file, f"b{i}").size for i in (count - 1, count))
    weights[-2] = _matrix(file, f"W{count - 1}", weights[-2], hidden)
    weights[-1] = _matrix(file, f"W{count}", weights[-1], classes)
    strides = tuple(2 if i % 2 == 0 else 1 for i in range(len(filters)))
    side = (weights[-2].shape[0] / filters[-1].shape[0]) ** 0.5
    if side != int(side):
        raise FileError(f"{file.filename}: 'W{count - 1}' has shape {weights[-2].shape}, which fits no square picture")
    size = int(side) * int(np.prod(strides))
    model = cls(  # type: ignore[call-arg]
        filters=tuple(len(w) for w in filters), sizes=tuple(w.shape[2] for w in filters), strides=strides,
        hidden=hidden, classes=classes, size=size,
    )  # fmt: skip
    params: dict[str, Array] = {}
    for i in range(1, count):
        block = "hidden" if i == count - 1 else f"conv{i}"
        for theirs, ours in {**(AFFINE if i == count - 1 else CONVOLUTION), **NORMALIZATION}.items():
            params[f"{block}.{ours}"] = weights[i - 1] if theirs == "W" else _array(file, f"{theirs}{i}")
    params["scores.W"], params["scores.b"] = weights[-1], _array(file, f"b{count}")
    with_params = modelfile.with_params(model, params, str(file.filename))
    assert isinstance(with_params, cls)
    return attrs.evolve(with_params, **_facts(file, model))


def _array(file: Any, name: str) -> Array:
    values = modelfile.read_array(file, name).astype(np.float32)
    return values.reshape(-1) if name[0] != "W" else values  # vectors may be stored as (1, n)


def _matrix(file: Any, name: str, w: Array, outputs: int) -> Array:
    """(in, out), turned over where it is stored transposed; a square one is taken as it is."""
    if w.ndim != 2 or outputs not in w.shape:
        raise FileError(f"{file.filename}: '{name}' has shape {w.shape}; one side should be {outputs}, as its bias")
    return np.ascontiguousarray(w if w.shape[1] == outputs else w.T)


def _facts(file: Any, model: ImageModel) -> dict[str, Any]:
    """The mean image and class names: from the file where it has them, else those of TinyImageNet-100-A."""
    classes = model.network["scores"].units  # type: ignore[attr-defined]
    with as_file(files("phosphene_cnn") / "tinyimagenet100a.h5") as path:
        about, groups = modelfile.read(path)
    facts: dict[str, Any] = {}
    mean = groups["stored"]["mean"]
    if held(file, "mean_image") is not None:
        mean = modelfile.read_array(file, "mean_image").astype(np.float32)
    if mean.shape == model.input_shape:
        facts["mean"] = mean
    elif mean.ndim == 3 and mean.shape[0] == 3:
        facts["mean"] = np.broadcast_to(mean.mean(axis=(1, 2), keepdims=True), model.input_shape).copy()
    if len(about["class_ids"]) == classes:
        facts["class_names"], facts["class_ids"] = tuple(about["class_names"]), tuple(about["class_ids"])
    else:
        facts["class_names"] = tuple(f"class {i}" for i in range(classes))
    return facts
