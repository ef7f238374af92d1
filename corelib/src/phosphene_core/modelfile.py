"""One HDF5 format for models and checkpoints: written whole or not at all, read with suspicion.

Layout: the attributes `format` ("phosphene"), `version` (1) and `about` (JSON text: what it is, settings, ...), and
groups of arrays: `params` for a model (names as in `Model.params`) and `stored` for the model's further arrays.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import attrs
import h5py
import numpy as np

from phosphene_core.conversion import Resolver
from phosphene_core.errors import FileError, PhospheneError, one_line, unknown
from phosphene_core.hdf5 import held, open_hdf5, read_array, reading
from phosphene_core.layer import Array, Params
from phosphene_core.model import ImageModel, Model
from phosphene_core.options import build, settings_of
from phosphene_core.wholefile import whole

__all__ = [
    "load_model",
    "open_hdf5",
    "pack",
    "read",
    "read_array",
    "reading",
    "save_model",
    "unpack",
    "with_params",
    "write",
]

FORMAT, VERSION = "phosphene", 1
Groups = dict[str, dict[str, Array]]


def write(path: str | os.PathLike[str], about: Mapping[str, Any], groups: Mapping[str, Params]) -> None:
    """Write `about` and the arrays; the file is flushed to the disk beside its place and then moved there."""
    # In memory first: a full disk is then an error of ours, not one that HDF5 has on its own terms.
    with h5py.File(f"{os.fspath(path)}.{id(groups)}", "w", driver="core", backing_store=False) as file:
        file.attrs.update(format=FORMAT, version=VERSION, about=json.dumps(about))
        for group, arrays in groups.items():
            for name, value in arrays.items():
                file.create_dataset(f"{group}/{name}", data=value, track_times=False)
        file.flush()
        image = file.id.get_file_image()
    with whole(path) as target:
        target.write(image)


def read(path: str | os.PathLike[str]) -> tuple[dict[str, Any], Groups]:
    """What `write` wrote. `FileError` names the file and the fault."""
    with reading(path) as file:
        if not _is_ours(file):
            raise FileError(f"{path} is an HDF5 file, but not one of Phosphene's")
        version = file.attrs.get("version")
        if not isinstance(version, np.integer) or version != VERSION:
            raise FileError(f"{path} has format version {version!s:.40}; this program reads {VERSION}")
        try:
            about = json.loads(file.attrs["about"])
        except (KeyError, TypeError, ValueError, RecursionError):
            raise FileError(f"{path}: its description ('about') is missing or not JSON") from None
        if not isinstance(about, dict):
            raise FileError(f"{path}: its description ('about') is not a JSON object")
        groups: Groups = {}
        for name in file:
            if not isinstance(group := held(file, name), h5py.Group):
                raise FileError(f"{path}: '{name[:100]}' is not a group of arrays")
            groups[name] = {key: read_array(file, f"{name}/{key}") for key in group}
        return about, groups


def pack(model: Model) -> tuple[dict[str, Any], Groups]:
    """A model as JSON and groups of arrays, for `write`."""
    texts, arrays = {}, {}
    for name in model.stored:
        value = getattr(model, name)
        if isinstance(value, np.ndarray):
            arrays[name] = value
        elif value:
            texts[name] = value
    about = {"class": type(model).__name__, "settings": settings_of(model), "stored": texts}
    return about, {"params": dict(model.params), "stored": arrays}


def unpack(
    about: Mapping[str, Any], groups: Groups, models: Mapping[str, type[Model]], resolve: Resolver | None, where: str
) -> Model:
    """The model back. `models`: the classes that may be meant, by class name."""
    name, settings, stored = about.get("class"), about.get("settings"), about.get("stored", {})
    if not isinstance(name, str) or not isinstance(settings, dict) or not isinstance(stored, dict):
        raise FileError(f"{where} does not describe a model (class, settings)")
    if name not in models:
        raise FileError(f"{where}: {unknown('model', name, models)} (is its plugin installed?)")
    try:
        bare = build(models[name], settings, resolve=resolve)
        fields: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in stored.items()}
        fields |= groups.get("stored", {})
        model = attrs.evolve(bare, **{k: v for k, v in fields.items() if k in bare.stored})
    except (PhospheneError, TypeError, ValueError) as error:
        raise FileError(f"{where}: {one_line(error)}") from None
    return with_params(model, groups.get("params", {}), where)


def with_params(model: Model, params: Params, where: str) -> Model:
    """The model with these parameters, after a check of their names and shapes against fresh ones."""
    most = max(4096, sum(np.size(v) for v in params.values()))
    if (largest := max(_numbers(settings_of(model)), default=0)) > most:  # before a fresh one takes the memory
        raise FileError(f"{where}: its settings say {largest:,}, and it holds {most:,} numbers at the most")
    try:
        wanted = {k: v.shape for k, v in model.initialized(np.random.default_rng(0)).params.items()}
    except (PhospheneError, ArithmeticError, ValueError, MemoryError) as error:
        raise FileError(f"{where}: {one_line(error)}") from None
    for name, shape in wanted.items():
        if name not in params:
            raise FileError(f"{where}: the parameter '{name}' is missing")
        if params[name].shape != shape:
            raise FileError(f"{where}: '{name}' has shape {params[name].shape}; the model needs {shape}")
    if extra := sorted(set(params) - set(wanted)):
        raise FileError(f"{where}: '{extra[0][:100]}' is no parameter of this model")
    with np.errstate(over="ignore"):
        single = {k: np.asarray(params[k], np.float32) for k in wanted}
    if bad := [k for k, v in single.items() if not np.isfinite(v).all()]:
        raise FileError(f"{where}: '{bad[0]}' holds numbers that are too large for 32 bits")
    return attrs.evolve(model, params=single)


def save_model(model: Model, path: str | os.PathLike[str], *, half: bool = False, **about: Any) -> None:
    """Write a model; `half` stores the parameters in 16 bits (half the size, about three decimal digits)."""
    described, groups = pack(model)
    if half:
        groups["params"] = {k: v.astype(np.float16) for k, v in groups["params"].items()}
        if bad := [k for k, v in groups["params"].items() if not np.isfinite(v).all()]:
            raise FileError(f"'{bad[0]}' does not fit in half precision; save without it")
    write(path, {**described, **about}, groups)


def load_model(
    path: str | os.PathLike[str], models: Mapping[str, type[Model]], resolve: Callable[[type, Any], Any] | None = None
) -> Model:
    """A model from a file of ours, a checkpoint of ours, or a foreign layout that one of the models knows."""
    with reading(path) as file:
        if not _is_ours(file):
            for model in models.values():
                if issubclass(model, ImageModel) and (found := model.from_foreign(file)) is not None:
                    return found
            raise FileError(f"{path} is an HDF5 file in a layout that no installed model knows")
    about, groups = read(path)
    if isinstance(about.get("model"), dict):  # a checkpoint
        about = about["model"]
    return unpack(about, groups, models, resolve, str(path))


def _numbers(settings: Any) -> Iterator[int]:
    """Every whole number in settings, however deep."""
    if isinstance(settings, Mapping):
        settings = list(settings.values())
    if isinstance(settings, list | tuple):
        for value in settings:
            yield from _numbers(value)
    elif isinstance(settings, int):
        yield abs(settings)


def _is_ours(file: h5py.File) -> bool:
    mark = file.attrs.get("format")
    return isinstance(mark, str) and mark == FORMAT
