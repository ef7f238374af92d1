"""One call of `phosphene judge`: techniques and a model named by the user, questions, verdicts, files."""

import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from phosphene_core.errors import FileError, PhospheneError
from phosphene_core.model import ImageModel
from phosphene_core.objective import Objective
from phosphene_core.options import settings_of
from phosphene_core.technique import Attribution
from phosphene_core.wholefile import whole
from phosphene_faithfulness import drawing, table
from phosphene_faithfulness.judging import SOME, Verdict, first, judge
from phosphene_faithfulness.of_pictures import of_pictures, read
from phosphene_faithfulness.of_scenes import of_scenes
from phosphene_faithfulness.questions import Questions
from phosphene_faithfulness.references import REFERENCES
from phosphene_scenes import Scenes

RESULT = "result.json"


class Session:
    """`registry`: where names of techniques, models, objectives and data are looked up."""

    def __init__(self, registry: Any, seed: int) -> None:
        self.registry, self.seed = registry, seed
        self.asked: list[Questions] = []
        self.about: dict[str, Any] = {}
        self.json = ""

    def ask_pictures(self, model: str, places: Sequence[Path], target: str | None, cover: str, count: int) -> None:
        """Ask about photographs."""
        found = self.registry.resolve(ImageModel, model)
        self.asked = of_pictures(found, read(places)[:count], target, cover)
        self.about = {"model": model, "on": [str(p) for p in places], "cover": cover}

    def ask_scenes(self, model: str, data: str, split: str, count: int) -> None:
        """Ask about things in scenes."""
        scenes = self.registry.resolve(Scenes, data)
        scenes.check_split(split)
        self.asked = of_scenes(self.registry.resolve(ImageModel, model), scenes, split, count, self._at_word)
        self.about = {"model": model, "on": data, "split": split}

    def run(self, specs: Sequence[str], margin: int, folder: Path, show: bool) -> list[Verdict]:
        """Judge the techniques and the references; write pictures and result.json, and print the table."""
        started = time.perf_counter()
        techniques = self._techniques(specs)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FileError(f"cannot write to {folder}: {error.strerror or 'it is a file'}") from None
        verdicts = list(self._verdicts(techniques, margin))
        files = drawing.draw_all(verdicts, first(self.asked, SOME), folder)
        count = sum(map(len, self.asked))
        described = {
            **self.about, "questions": count, "seed": self.seed, "margin": margin,
            "settings": {n: settings_of(t) for n, t in techniques.items() if n not in REFERENCES},
            "techniques": table.described(verdicts), "files": files, "seconds": round(time.perf_counter() - started, 2),
        }  # fmt: skip
        self.json = json.dumps(described, indent=2, ensure_ascii=False, allow_nan=False)
        with whole(folder / RESULT) as file:
            file.write(self.json.encode() + b"\n")
        if show:
            table.show(verdicts, f"{count} questions to {self.about['model']}")
            sys.stdout.write(f"{', '.join(str(folder / f) for f in (*files.values(), RESULT))}\n")
        return verdicts

    def _techniques(self, specs: Sequence[str]) -> dict[str, Attribution]:
        if not specs:
            entries = self.registry.catalogue["technique"].items()
            specs = [name for name, entry in entries if issubclass(entry.cls, Attribution)]
        found: dict[str, Attribution] = {}
        for spec in specs:
            made = self.registry.resolve(Attribution, spec)
            if spec in found:
                raise PhospheneError(f"{spec} is named twice")
            found[spec] = made
        return found | REFERENCES

    def _verdicts(self, techniques: dict[str, Attribution], margin: int) -> Iterator[Verdict]:
        from rich.console import Console
        from rich.progress import Progress

        with Progress(console=(err := Console(stderr=True)), transient=True, disable=not err.is_terminal) as bar:
            task = bar.add_task("", total=len(techniques))
            for name, technique in techniques.items():
                bar.update(task, description=name)
                yield judge(name, technique, self.asked, self.seed, margin)
                bar.advance(task)

    def _at_word(self, sentence: str, place: int, measure: str) -> Objective:
        asked = {"name": "caption_word", "word": str(place), "sentence": sentence, "measure": measure}
        found = self.registry.resolve(Objective, asked)
        assert isinstance(found, Objective)
        return found
