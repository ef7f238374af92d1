"""One call of `phosphene run`: a technique, a model and a question, over pictures, into a folder."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from phosphene_core.errors import FileError, PhospheneError, SettingError
from phosphene_core.left_out import LeftOut
from phosphene_core.model import ImageModel
from phosphene_core.options import settings_of
from phosphene_core.technique import Attribution
from phosphene_registry.asking import choose, question_settings
from phosphene_registry.attribution import BATCH, explain
from phosphene_registry.console import say
from phosphene_registry.files import folder as made
from phosphene_registry.files import write_json
from phosphene_registry.generation import Making
from phosphene_registry.loading import load
from phosphene_registry.outcome import described_model, plain
from phosphene_registry.pictures import expand, named, read
from phosphene_registry.progress import steps_bar
from phosphene_registry.relay import Relay
from phosphene_registry.resolver import build_entry

if TYPE_CHECKING:
    from phosphene_registry.catalogue import Entry
    from phosphene_registry.registry import Registry

RESULT = "result.json"


class Job:
    """Everything that the command line means, made; and the loop over pictures."""

    def __init__(
        self, registry: "Registry", entry: "Entry", model: str | None, objective: str | None, folder: Path, seed: int,
        max_side: int, frames: int, given: dict[str, dict[str, Any]],
    ) -> None:  # fmt: skip
        self.started = time.perf_counter()
        self.registry, self.entry = registry, entry
        self.seed, self.max_side, self.keep = seed, max_side, frames
        self.technique = build_entry(registry.catalogue, entry, given.get("technique", {}))
        asked = question_settings(registry, entry.cls.objective, objective, given)
        self.objective_name, self.objective = choose(registry, entry.cls.objective, objective, asked)
        loaded = load(registry.catalogue, model or entry.cls.model or self.objective.default_model, ImageModel)
        self.model, self.source = loaded.model, loaded.source
        self.loaded = time.perf_counter() - self.started
        self.folder = folder
        if folder.exists() and not folder.is_dir():
            raise FileError(f"{folder} is a file, not a folder")
        self.left_out = LeftOut(0, say)

    def run(self, arguments: list[str]) -> dict[str, Any]:
        """Do it for every picture; what cannot be read is told and left out. Writes and returns the result."""
        if self.technique.picture == "none":
            if arguments:
                raise SettingError(f"{self.entry.name} starts from nothing; leave out {arguments[0]}")
            paths = []
        else:
            paths = named(expand(arguments))
            self.left_out.asked = len(paths)
            if not paths:
                raise SettingError(f"say which pictures: phosphene run {self.entry.name} IMAGE...")
        explains = isinstance(self.technique, Attribution)
        told = self._explain(paths) if explains else self._generate(paths)
        result = self._described(told)
        if told:
            write_json(self.folder / RESULT, result)
        return result

    def _read(self, name: str, path: Path) -> Any:
        try:
            return read(name, path, self.model, self.technique.picture == "whole", self.max_side)
        except PhospheneError as error:
            self.left_out.add(error)
            return None

    def complain(self) -> None:
        """Raise the error of the picture that could not be read; of several, their number (they are told already)."""
        self.left_out.complain()

    def _explain(self, paths: list[tuple[str, Path]]) -> list[dict[str, Any]]:
        alone = self.technique.picture == "whole" or not self.model.class_names  # each picture has its own caption
        size = 1 if alone else BATCH
        told: list[dict[str, Any]] = []
        with steps_bar() as bar:
            task = bar.add_task(self.entry.name, total=len(paths))
            for start in range(0, len(paths), size):
                batch = [p for p in (self._read(*one) for one in paths[start : start + size]) if p is not None]
                if batch:
                    made(self.folder)
                    told += explain(
                        self.technique, self.entry.name, self.model, self.objective, batch, self.seed, self.folder
                    )
                bar.update(task, completed=min(start + size, len(paths)))
        for one in told:
            if one["map"]["blank"]:
                say(
                    f"{one['image']}: the map is zero everywhere: {self.entry.name} finds nothing for {one['objective']}"
                )
        return told

    def _generate(self, paths: list[tuple[str, Path]]) -> list[dict[str, Any]]:
        relay = Relay(self.registry, say)
        told = []
        with steps_bar("value") as bar:
            pictures: list[tuple[str, Path | None]] = [*paths] or [(self.entry.name, None)]
            for name, path in pictures:
                photograph = None if path is None else self._read(name, path)
                if path is not None and photograph is None:
                    continue
                blank = np.zeros((1, *self.model.input_shape), np.float32)
                images = blank if photograph is None else photograph.images
                making = Making(self.technique, self.entry.name, self.model, images, self.objective, self.seed)
                made(self.folder)
                task = bar.add_task(name, total=None, value="")
                for frame in making.frames(self.keep):
                    relay.frame_ready(self.technique, frame)
                    bar.update(task, completed=frame.step, total=frame.steps, value=f"{float(frame.values[0]):.4g}")
                told.append(making.finish(name, photograph, self.folder))
        return told

    def _described(self, told: list[dict[str, Any]]) -> dict[str, Any]:
        plugin = self.entry.plugin
        total = time.perf_counter() - self.started
        return {
            "technique": self.entry.name,
            "settings": plain(settings_of(self.technique)),
            "plugin": {"name": plugin.name, "distribution": plugin.distribution, "version": plugin.version},
            "objective": {"name": self.objective_name, "settings": plain(settings_of(self.objective))},
            "model": plain(described_model(self.model, self.source)),
            "seed": self.seed,
            "results": told,
            "seconds": {"load": round(self.loaded, 4), "technique": round(sum(t["seconds"] for t in told), 4),
                        "total": round(total, 4)},
        }  # fmt: skip
