"""A run's checkpoint: everything that it needs to go on as if it had never stopped. Read with suspicion."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np

from phosphene_core import modelfile
from phosphene_core.errors import FileError
from phosphene_core.layer import Params
from phosphene_core.wholefile import whole

if TYPE_CHECKING:
    from phosphene_core.trainer import Trainer

CHECKPOINT, BEST, HISTORY = "last.h5", "best.h5", "history.jsonl"


def write(run: "Trainer", path: Path) -> None:
    """Write the run's checkpoint; the one before stays until this one is whole."""
    about, groups = modelfile.pack(run.trained)
    progress = {
        "step": run.step,
        "best": run.best if math.isfinite(run.best) else None,
        "sums": run.sums,
        "history": run.history,
        "settings": attrs.asdict(run.settings),
        "examples": run.examples,
        "scale": run.scale,
    }
    groups["optimizer"] = run.state
    if run.averaged is not None:
        groups["raw"] = run.params
    modelfile.write(path, {"model": about, "progress": progress}, groups)


def restore(run: "Trainer", path: Path) -> None:
    """Put the run where the checkpoint is. `FileError` (the run is then unchanged) if it is damaged or another's."""
    about, groups = modelfile.read(path)
    progress = about.get("progress")
    if not isinstance(progress, dict):
        raise FileError(f"{path} is a model, not a checkpoint; nothing can be resumed from it")
    if wrong := _wrong(progress):
        raise FileError(f"{path} is damaged: its '{wrong}' makes no sense")
    if progress["examples"] != run.examples or progress["settings"].get("batch_size") != run.settings.batch_size:
        raise FileError(f"{path} was made with another batch size or data set; use the same settings to resume")
    saved = groups.get("params", {})
    pairs = [
        ("parameter", run.params, groups.get("raw", saved)),
        ("optimizer state", run.state, groups.get("optimizer", {})),
    ]
    if run.averaged is not None:
        pairs.append(("averaged parameter", run.averaged, saved))
    for kind, mine, theirs in pairs:
        _fits(kind, mine, theirs, path)
    for _, mine, theirs in pairs:
        for name, value in mine.items():
            value[...] = theirs[name]
    run.step, run.history, run.sums = progress["step"], progress["history"], progress["sums"]
    run.best = -math.inf if progress["best"] is None else progress["best"]
    run.scale = progress.get("scale", 1.0)


def write_lines(path: Path, records: list[dict[str, Any]]) -> None:
    """JSON lines, written whole or not at all."""
    with whole(path) as file:
        file.write("".join(json.dumps(r) + "\n" for r in records).encode())


def _fits(kind: str, mine: Params, theirs: Params, path: Path) -> None:
    for name, value in mine.items():
        if name not in theirs or theirs[name].shape != np.shape(value):
            raise FileError(f"{path}: the {kind} '{name}' does not fit this run; use the same settings to resume")


def _wrong(progress: Mapping[str, Any]) -> str | None:
    """The first part of a checkpoint's progress that cannot have been written by `write`."""
    number = (int, float)
    checks: dict[str, bool] = {
        "step": _is(progress.get("step"), int) and progress["step"] >= 0,
        "examples": _is(progress.get("examples"), int),
        "settings": isinstance(progress.get("settings"), dict),
        "best": progress.get("best") is None or _is(progress["best"], number),
        "sums": _numbers(progress.get("sums")),
        "history": isinstance(progress.get("history"), list) and all(map(_record, progress["history"])),
        "scale": _is(progress.get("scale", 1.0), number) and 0 < progress.get("scale", 1.0) <= 1,
    }
    return next((name for name, good in checks.items() if not good), None)


def _record(record: Any) -> bool:
    if not isinstance(record, dict) or not all(_is(record.get(k), int) for k in ("epoch", "step")):
        return False
    return _numbers(record.get("train")) and _numbers(record.get("val", {}))


def _numbers(values: Any) -> bool:
    return isinstance(values, dict) and all(_is(v, (int, float)) for v in values.values())


def _is(value: Any, kind: Any) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)
