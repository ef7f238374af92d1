"""Which model is meant: a file, a run's folder, a registered name with embedded weights, or the default."""

import inspect
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from phosphene_core.checkpoint import BEST
from phosphene_core.errors import NotFoundError, PhospheneError
from phosphene_core.model import ImageModel, Model

if TYPE_CHECKING:
    from phosphene_registry.catalogue import Catalogue

Base = type | tuple[type, ...]
SUFFIXES = (".h5", ".hdf5", ".hdf")


@attrs.frozen
class Loaded:
    """A model with its weights, and where they came from: a registered name or a file."""

    model: Any
    source: str


def is_file(text: str) -> bool:
    """Whether `text` means a file rather than a registered name with settings."""
    if text.endswith(SUFFIXES):
        return True
    name, colon, _ = text.partition(":")
    return not (colon and name.isidentifier()) and (os.sep in text or Path(text).is_file())


def load(catalogue: "Catalogue", text: str | None, base: Base = Model) -> Loaded:
    """The model that `text` means, with weights; None is the default, the first registered one that brings its own. The folder
    of a training run means the best that it kept."""
    from phosphene_registry.resolver import resolve

    if text is not None and text not in catalogue["model"] and (best := Path(text) / BEST).is_file():
        text = str(best)
    if text is not None and is_file(text):
        from phosphene_core.modelfile import load_model

        try:
            model = load_model(text, catalogue.by_class_name("model"), lambda k, v: resolve(catalogue, k, v))
        except PhospheneError as error:
            raise type(error)(f"{error}{catalogue.broken_words}") from None
        if not isinstance(model, base):
            needed = " or ".join(b.__name__ for b in (base if isinstance(base, tuple) else (base,)))
            raise PhospheneError(f"{text} holds a {type(model).__name__}; a {needed} is needed here")
        return Loaded(model, text)
    name = default_name(catalogue, base) if text is None else text
    if ":" in name:
        raise PhospheneError(f"'{name}' describes a model without weights; name a file, or train it first")
    entry = catalogue.get_entry("model", name, base)
    if not hasattr(entry.cls, "pretrained"):
        raise PhospheneError(f"the model '{name}' brings no weights of its own; name a model file instead")
    pretrained = entry.cls.pretrained
    if "resolve" in inspect.signature(pretrained).parameters:  # it is built on another model
        return Loaded(pretrained(resolve=lambda k, v: resolve(catalogue, k, v)), name)
    return Loaded(pretrained(), name)


def default_name(catalogue: "Catalogue", base: Base = ImageModel) -> str:
    """The first registered model that brings its own weights."""
    for entry in catalogue["model"].values():
        if issubclass(entry.cls, base) and hasattr(entry.cls, "pretrained"):
            return entry.name
    raise NotFoundError(
        f"no installed model brings its own weights; name one with --model FILE{catalogue.broken_words}"
    )
