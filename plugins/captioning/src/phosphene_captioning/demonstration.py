"""The captioner's part of the demonstration page: photographs with word maps, and a captioner trained on the spot."""

import html
import time
from pathlib import Path
from typing import Any

import numpy as np

from phosphene_captioning.captioner import Captioner
from phosphene_captioning.describing import load, word_maps
from phosphene_captioning.picture_captioner import PictureCaptioner
from phosphene_captioning.sampling import greedy
from phosphene_captioning.word_strip import strip
from phosphene_core import Dataset, FileError, ImageModel, Optimizer, RecurrentLayer
from phosphene_core.image import center_crop, encode
from phosphene_core.trainer import Trainer, TrainSettings

LIVE_SECONDS = 50.0


def section(registry: Any, folder: Path) -> str:
    """HTML: captions of the sample photographs with a map for every word, then the live captioner."""
    return photographs(registry, folder) + live(registry, folder)


def photographs(registry: Any, folder: Path) -> str:
    """What the embedded captioner says of the sample photographs."""
    from skimage import data

    try:
        model = load(registry, None)
    except (FileError, FileNotFoundError):
        return ""
    rows = []
    for name in ("chelsea", "coffee", "rocket"):
        picture = np.asarray(getattr(data, name)())
        maps, words = word_maps(registry, model, picture, "smoothgrad")
        encode(strip(center_crop(picture), maps, words), folder / f"caption-{name}.png")
        rows.append(f'<p>“{html.escape(" ".join(words))}”</p><p><img style="width:auto" src="caption-{name}.png" alt=""></p>')
    told = "; ".join(model.learned_from)
    return (
        "<section><h2>What it says, word by word</h2><p>A caption of each photograph, and for each word the pixels that "
        f"spoke for it (SmoothGrad of the word's log-probability). {html.escape(told)}</p>{''.join(rows)}</section>"
    )


def live(registry: Any, folder: Path, seconds: float = LIVE_SECONDS) -> str:
    """Train a captioner on made scenes, now, and show what it says of scenes that it has not seen."""
    started = time.monotonic()
    scenes: Any = registry.resolve(Dataset, "scenes:count=6000,objects=1")
    model = small(registry, scenes)
    optimizer = registry.resolve(Optimizer, "adam:learning_rate=2e-3")
    settings = TrainSettings(epochs=6, batch_size=50, schedule="onecycle", clip_norm=5.0, max_val=100)
    trainer = Trainer(model, scenes, optimizer, settings)
    for _ in trainer.steps():
        if time.monotonic() - started > seconds:
            break
    took = time.monotonic() - started
    trained: Any = trainer.trained
    count = min(500, scenes.size("test"))
    right, texts = exactly_right(trained, scenes, count)
    cards = []
    for i in range(4):
        picture = trained.deprocess(scenes.batch("test", np.array([i]))["images"])[0]
        maps, words = word_maps(registry, trained, picture, "saliency")
        encode(strip(picture, maps, words), folder / f"scene-{i}.png")
        cards.append(f'<p>“{html.escape(texts[i])}”</p><p><img style="width:auto" src="scene-{i}.png" alt=""></p>')
    return (
        f"<section><h2>A captioner trained just now</h2><p>{trainer.step:,} updates on made scenes in {took:.0f} s, from "
        f"random weights and pixels; {right} of {count} scenes that it had never seen are captioned exactly.</p>"
        f"{''.join(cards)}</section>"
    )


def small(registry: Any, scenes: Dataset) -> PictureCaptioner:
    """A small captioner from pixels for made scenes: four convolutions and an LSTM."""
    encoder = registry.resolve(
        ImageModel, {"name": "cnn", "filters": (16, 32, 64, 64), "strides": (2, 2, 2, 2), "hidden": 256}
    )
    recurrent = registry.resolve(RecurrentLayer, "lstm:hidden=128")
    decoder = Captioner(recurrent=recurrent, features=256, word_size=64)
    model = PictureCaptioner(encoder=encoder, decoder=decoder, activation="hidden", fine_tune=True)
    return model.prepared_for(scenes.facts()).initialized(np.random.default_rng(0))


def exactly_right(model: PictureCaptioner, scenes: Any, count: int, split: str = "test") -> tuple[int, list[str]]:
    """How many of the first `count` scenes of a split get exactly their caption, and what is said of each."""
    texts: list[str] = []
    for start in range(0, count, 100):
        rows = np.arange(start, min(start + 100, count))
        features = model.features(scenes.batch(split, rows)["images"])
        texts += [c.text(model.speaker.vocabulary) for c in greedy(model.speaker, features)]
    return sum(t == scenes.sentence(split, i) for i, t in enumerate(texts)), texts

