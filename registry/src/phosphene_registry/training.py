"""A training run put together: model, data, optimizer and settings from options and a configuration."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from phosphene_core.errors import PhospheneError, SettingError
from phosphene_core.options import build, settings_of
from phosphene_core.trainer import CHECKPOINT, Trainer, TrainSettings
from phosphene_registry import config
from phosphene_registry.loading import is_file, load
from phosphene_registry.resolver import build_entry, find
from phosphene_registry.spec import Spec, parse
from phosphene_registry.task import Training

if TYPE_CHECKING:
    from phosphene_registry.registry import Registry


@attrs.frozen
class Plan:
    """Everything that a run needs. `tables`: its configuration, whole, as TOML tables."""

    model: Any
    dataset: Any
    optimizer: Any
    settings: TrainSettings
    tables: dict[str, dict[str, Any]]

    def trainer(self, folder: Path, hooks: Any, stop: Callable[[], bool]) -> Trainer:
        """A trainer that saves in `folder`, and ends once `stop` says so."""
        return Trainer(self.model, self.dataset, self.optimizer, self.settings, folder, hooks, stop)


def prepare(
    registry: "Registry",
    training: Training,
    config_file: str | None,
    specs: Mapping[str, str | None],
    given: Mapping[str, Mapping[str, Any]],
) -> Plan:
    """`specs`: what `--model`, `--optimizer` and `--data` say; `given`: single options by table. Options go before
    specs, and these before the file."""
    tables = config.read(config_file) if config_file else {name: {} for name in config.TABLES}
    where = f"{config_file}: " if config_file else ""
    settings = build(
        TrainSettings, {**tables["train"], **given.get("train", {})}, where=f"{where}[train]" if where else ""
    )
    dataset = _build(registry, "dataset", _merged(tables["data"], specs.get("data"), given.get("data", {})))
    if dataset is None:
        names = ", ".join(registry.entries("dataset")) or "none are installed"
        raise SettingError(f"say which data to train on: --data NAME:PATH (data sets: {names})")
    optimizer_spec = _merged(
        tables["optimizer"], specs.get("optimizer"), given.get("optimizer", {}), training.optimizer
    )
    optimizer = _build(registry, "optimizer", optimizer_spec)
    chosen = _merged(tables["model"], specs.get("model"), given.get("model", {}), training.model)
    model, model_table = _model(registry, training, chosen, dataset, settings.seed)
    described = {
        "model": model_table,
        "optimizer": _table(registry, optimizer),
        "data": _table(registry, dataset),
        "train": settings_of(settings),
    }
    return Plan(model, dataset, optimizer, settings, described)


def default_model(registry: "Registry", training: Training) -> str:
    """The model that is trained if none is named."""
    names = [e.name for e in registry.entries("model").values() if issubclass(e.cls, training.base)]
    if not names:
        raise PhospheneError(f"no installed plugin brings a model that `train {training.name}` can train")
    own = [n for n in names if hasattr(registry.entries("model")[n].cls, "pretrained")]
    return (own or names)[0]


def has_run(folder: Path) -> bool:
    """Whether a run has left a checkpoint in the folder."""
    return (folder / CHECKPOINT).exists()


def _merged(
    table: Mapping[str, Any], spec: str | None, given: Mapping[str, Any], default: str | None = None
) -> Spec | None:
    """The file's table, overridden by the spec, overridden by single options. Another name drops the table. `default`: what
    is taken where no name is given, and settings of what it names."""
    table = dict(table)
    usual = parse(default) if default else None
    name = table.pop("name", None)
    first = None
    if spec is not None:
        said = Spec(spec) if is_file(spec) else parse(spec)
        table = {**(table if said.name == name else {}), **said.settings}
        name, first = said.name, said.first
        if first is not None:
            table.pop("path", None)
    name = name or (usual and usual.name)
    if usual and name == usual.name:
        table = {**usual.settings, **table}
    if name is None:
        if table or given:
            raise SettingError(f"settings without a name: {', '.join([*table, *given])}; say what they are settings of")
        return None
    return Spec(str(name), {**table, **given}, first)


def _build(registry: "Registry", kind: str, spec: Spec | None) -> Any:
    return None if spec is None else build_entry(registry.catalogue, *find(registry.catalogue, spec, kind))


def _model(
    registry: "Registry", training: Training, spec: Spec | None, dataset: Any, seed: int
) -> tuple[Any, dict[str, Any]]:
    spec = spec or Spec(default_model(registry, training))
    if is_file(spec.name):
        if spec.settings:
            raise SettingError(f"{spec.name} has its settings in it already; leave out {', '.join(spec.settings)}")
        model = load(registry.catalogue, spec.name, training.base).model
        model.reading(dataset.facts())  # says best what does not fit
        same = model.prepared_for(dataset.facts()).initialized(np.random.default_rng(0))
        shapes = {k: v.shape for k, v in same.params.items()}
        if different := [k for k, v in model.params.items() if v.shape != shapes.get(k)]:
            raise SettingError(f"{spec.name} was made for other data: its '{different[0]}' does not fit")
        return attrs.evolve(model.prepared_for(dataset.facts()), params=model.params), {"name": spec.name}
    entry, values = find(registry.catalogue, spec, "model", training.base)
    bare = build_entry(registry.catalogue, entry, values)
    model = bare.prepared_for(dataset.facts()).initialized(np.random.default_rng([seed, 0]))
    return model, {"name": entry.name, **settings_of(bare)}


def _table(registry: "Registry", thing: Any) -> dict[str, Any]:
    entry = registry.catalogue.find(type(thing))
    return {"name": entry.name if entry else type(thing).__name__, **settings_of(thing)}
