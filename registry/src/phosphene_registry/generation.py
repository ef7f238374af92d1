"""One picture through a generation technique: its frames, the film, and what is told of it."""

import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from phosphene_core.change import enlarged_change
from phosphene_core.errors import PhospheneError
from phosphene_core.image import encode, resize
from phosphene_core.layer import Array
from phosphene_core.sheet import sheet
from phosphene_core.wholefile import whole
from phosphene_registry.outcome import facts_of, plain, predictions, target_of
from phosphene_registry.pictures import Photograph, resized

FILM_FRAMES, FILM_SIDE, LEAST_SIDE = 60, 400, 256


class Making:
    """A picture in the making. Iterate over `frames()`; then `finish()` writes the files and describes them."""

    def __init__(self, technique: Any, name: str, model: Any, images: Array, objective: Any, seed: int) -> None:
        self.technique, self.name, self.model, self.images, self.seed = technique, name, model, images, seed
        self.question = objective.bound(model, images)
        self.film: list[Array] = []
        self.kept: dict[int, Array] = {}
        self.values: list[Any] = []
        self.last: Any = None
        self.seconds = 0.0

    def frames(self, keep: int = 0) -> Iterator[Any]:
        """The frames as they come; `keep` of them, evenly spaced, will be written as pictures of their own."""
        started = time.perf_counter()
        rng = np.random.default_rng(self.seed)
        filmed = False
        for frame in self.technique.frames(self.model, self.images, self.question, rng):
            if not np.isfinite(frame.images).all():
                raise PhospheneError(
                    f"step {frame.step} of {self.name} gave NaN or infinite pixels; take smaller steps"
                )
            self.last = frame
            self.values.append(plain(frame.values[0]))
            every = max(1, math.ceil(frame.steps / FILM_FRAMES))
            chosen = {round((i + 1) * frame.steps / keep) for i in range(keep)}
            filmed = frame.step % every == 0 or frame.step in chosen
            if filmed:
                picture = self.model.deprocess(frame.images[:1])[0]
                self.film.append(_for_film(picture))
                if frame.step in chosen:
                    self.kept[frame.step] = picture
            self.seconds = time.perf_counter() - started
            yield frame
        if self.last is not None and not filmed:
            self.film.append(_for_film(self.model.deprocess(self.last.images[:1])[0]))

    def finish(self, stem: str, photograph: Photograph | None, folder: Path) -> dict[str, Any]:
        """Write the final picture, the film and the frames that were asked for; JSON values that describe them."""
        if self.last is None:
            raise PhospheneError(f"{self.name} made no picture")
        final = self.model.deprocess(self.last.images[:1])[0]
        files: dict[str, Any] = {}
        if photograph is not None:
            files["picture"] = f"{stem}-picture.png"
            encode(photograph.shown, folder / files["picture"])
            start = self.model.deprocess(self.images[:1])[0]
            if (seen := enlarged_change(start, final)) is not None:
                columns = ("before", "after", f"the change, {seen[1]} times")
                files["change"] = f"{stem}-change.png"
                encode(sheet([[_large(p) for p in (start, final, seen[0])]], columns), folder / files["change"])
        files["final"] = f"{stem}-final.png"
        encode(final, folder / files["final"])
        if min(final.shape[:2]) < LEAST_SIDE:
            files["large"] = f"{stem}-final-large.png"
            encode(_large(final), folder / files["large"])
        files["film"] = f"{stem}-film.gif"
        write_film(self.film, folder / files["film"])
        if self.kept:
            files["frames"] = [f"{stem}-{step:04d}.png" for step in self.kept]
            for file, picture in zip(files["frames"], self.kept.values(), strict=True):
                encode(picture, folder / file)
        return {
            "image": None if photograph is None else str(photograph.path),
            "size": None if photograph is None else list(photograph.size),
            "files": files,
            "objective": self.question.describe(self.model),
            "target": target_of(self.model, self.question),
            "value": plain(self.last.values[0]),
            "values": self.values,
            "steps": self.last.step,
            "prediction": self._says(photograph.square if photograph is not None else None),
            "prediction_of_final": self._says(self.model.preprocess([final])),
            "facts": facts_of(self.last.facts, 0, 1),
            "seconds": round(self.seconds, 4),
        }

    def _says(self, images: Array | None) -> list[dict[str, Any]] | None:
        return None if images is None else predictions(self.model, images)[0]


def write_film(pictures: list[Array], path: Path) -> None:
    """An animated GIF; all pictures take the last one's size. The last one stays a while."""
    from PIL import Image

    height, width = pictures[-1].shape[:2]
    frames = [Image.fromarray(resize(p, height, width)).quantize(colors=256, dither=Image.Dither.FLOYDSTEINBERG)
              for p in pictures]  # fmt: skip
    durations = [80] * (len(frames) - 1) + [1500]
    with whole(path) as file:
        frames[0].save(file, format="GIF", save_all=True, append_images=frames[1:], duration=durations, loop=0)


def _large(picture: Array) -> Array:
    return resized(picture, max(1.0, LEAST_SIDE / min(picture.shape[:2])))


def _for_film(picture: Array) -> Array:
    shorter, longer = min(picture.shape[:2]), max(picture.shape[:2])
    return resized(picture, min(max(1.0, LEAST_SIDE / shorter), FILM_SIDE / longer))
