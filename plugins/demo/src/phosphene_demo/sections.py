"""The page's sections: what the network says, and one for every technique."""

import html
from pathlib import Path
from typing import Any

import numpy as np

from phosphene_core import Attribution, ImageModel, Objective, PhospheneError
from phosphene_core.heatmap import draw, overlay
from phosphene_core.image import center_crop, encode, resize
from phosphene_demo.making import making, short_name
from phosphene_demo.markup import SIDE, figure, section
from phosphene_demo.photographs import Photograph


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
            f"<span>{html.escape(short_name(model, i))}</span><b>{100 * p[i]:.0f}%</b></div>"
            for i in np.argsort(-p)[:5]
        )
        cards.append(figure([name], photo.credit, more=bars))
    text = "The embedded network's five likeliest classes; what the photograph truly shows is printed bold."
    return section("The likeliest classes", text, cards)


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
            cards.append(making(registry, made, question, model, photo, file, seconds / count, seed))
    title = made.title or entry.name.replace("_", " ").capitalize()
    return section(title, entry.summary + (f" <cite>{html.escape(made.paper)}</cite>" if made.paper else ""), cards)


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
    return figure(files, objective.describe(model))


def _true_class(model: ImageModel, photo: Photograph) -> int | None:
    """The class of what a photograph shows, if the model knows it."""
    try:
        return None if photo.shows is None else model.class_index(photo.shows)
    except PhospheneError:
        return None
