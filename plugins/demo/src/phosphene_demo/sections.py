"""The page's sections: what the network says, and one for every technique."""

import html
import time
from pathlib import Path
from typing import Any

import numpy as np

from phosphene_core import Attribution, ImageModel, Objective, PhospheneError
from phosphene_core.heatmap import draw, overlay
from phosphene_core.image import center_crop, encode, resize
from phosphene_core.layer import Array
from phosphene_demo.photographs import Photograph

SIDE = 256  # pixels of a picture on the page
LONGEST = 240  # longest side of a whole photograph that a technique works on


def says(model: ImageModel, photos: list[Photograph], folder: Path) -> str:
    """What the network says of each photograph, with bars of probability."""
    probabilities = model.predict(model.preprocess([p.picture for p in photos]))
    cards = []
    for photo, p in zip(photos, probabilities, strict=True):
        name = f"{photo.name}.png"
        encode(resize(center_crop(photo.picture), SIDE, SIDE), folder / name)
        true = _true_class(model, photo)
        bars = "".join(
            f'<div class="bar{" true" if i == true else ""}"><i style="width:{100 * p[i]:.1f}%"></i>'
            f"<span>{html.escape(_short(model, i))}</span><b>{100 * p[i]:.0f}%</b></div>"
            for i in np.argsort(-p)[:5]
        )
        cards.append(_card(name, photo.credit, bars))
    text = "The embedded network's five likeliest classes; what the photograph truly shows is printed bold."
    return _section("The likeliest classes", text, cards)


def technique(
    registry: Any, entry: Any, model: ImageModel, photos: list[Photograph], folder: Path, seconds: float, seed: int
) -> str:
    """One technique's section: its first sentence, its paper, a picture for each photograph."""
    made = registry.resolve(entry.cls, entry.name)
    if made.model is not None:
        model = registry.resolve(ImageModel, made.model)
    cards = []
    if isinstance(made, Attribution):
        cards = [_attribution(registry, made, entry.name, model, p, folder, seed) for p in photos]
    else:
        questions = made.examples or (made.objective,)
        count = len(questions) if made.picture == "none" else 2
        for i in range(count):
            photo, question = photos[i % len(photos)], questions[i % len(questions)]
            file = folder / f"{entry.name}-{i}.png"
            cards.append(_generation(registry, made, question, model, photo, file, seconds / count, seed))
    title = entry.name.replace("_", " ")
    return _section(title, entry.summary + (f" <cite>{html.escape(made.paper)}</cite>" if made.paper else ""), cards)


def _attribution(
    registry: Any, made: Attribution, name: str, model: ImageModel, photo: Photograph, folder: Path, seed: int
) -> str:
    images = model.preprocess([photo.picture])
    asked: Any = made.objective
    if asked == "class_score" and (true := _true_class(model, photo)) is not None:
        asked = {"name": asked, "target": true}  # what is there, whatever the model takes it for
    objective = registry.resolve(Objective, asked).bound(model, images)
    found = made.attribute(model, images, objective, np.random.default_rng(seed))
    square = resize(center_crop(photo.picture), SIDE, SIDE)
    files = []
    for kind, picture in (("map", draw(resize(found.maps[0], SIDE, SIDE))), ("over", overlay(square, found.maps[0]))):
        files.append(f"{name}-{photo.name}-{kind}.png")
        encode(picture, folder / files[-1])
    pair = "".join(f'<img src="{file}" alt="">' for file in files)
    words = html.escape(objective.describe(model))
    return f"<figure><div class=pair>{pair}</div><figcaption>{words}</figcaption></figure>"


def _generation(
    registry: Any, made: Any, question: str, model: ImageModel, photo: Photograph, file: Path, seconds: float, seed: int
) -> str:
    images = _start(model, made.picture, photo)
    objective = registry.resolve(Objective, question).bound(model, images)
    started = time.monotonic()
    last = None
    for frame in made.frames(model, images, objective, np.random.default_rng(seed)):
        last = frame
        if time.monotonic() - started > seconds:
            break
    if last is None:
        raise PhospheneError("it made no picture")
    picture = model.deprocess(last.images[:1])[0]
    scale = SIDE / max(picture.shape[:2])
    encode(resize(picture, round(picture.shape[0] * scale), round(picture.shape[1] * scale)), file)
    told = [objective.describe(model)]
    told += [f"{name.replace('_', ' ')}: {fact[0]}" for name, fact in last.facts.items() if _is_text(fact)]
    if last.step < last.steps:
        told.append(f"stopped after {last.step} of {last.steps} steps")
    return _card(file.name, "; ".join(told), "")


def _is_text(fact: Any) -> bool:
    return isinstance(fact, np.ndarray) and fact.dtype.kind == "U" and len(fact) > 0


def _start(model: ImageModel, kind: str, photo: Photograph) -> Array:
    if kind == "whole":
        height, width = photo.picture.shape[:2]
        scale = LONGEST / max(height, width)
        return model.preprocess([resize(photo.picture, round(height * scale), round(width * scale))], square=False)
    return model.preprocess([photo.picture])


def _true_class(model: ImageModel, photo: Photograph) -> int | None:
    """The class of what a photograph shows, if the model knows it."""
    try:
        return None if photo.shows is None else model.class_index(photo.shows)
    except PhospheneError:
        return None


def _short(model: ImageModel, index: int) -> str:
    return model.class_names[index].split(",")[0] if model.class_names else f"class {index}"


def _card(file: str, caption: str, more: str) -> str:
    return f'<figure><img src="{file}" alt=""><figcaption>{html.escape(caption)}</figcaption>{more}</figure>'


def _section(title: str, text: str, cards: list[str]) -> str:
    return f"<section><h2>{html.escape(title)}</h2><p>{text}</p><div class=row>{''.join(cards)}</div></section>"
