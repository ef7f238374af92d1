"""The demonstration's live part: a captioner that learns scenes while one waits, and what it then says."""

import html
import time
from pathlib import Path
from typing import Any

import numpy as np

from phosphene_captioning import greedy
from phosphene_core import Dataset, Optimizer
from phosphene_core.image import encode, resize
from phosphene_core.trainer import Trainer, TrainSettings
from phosphene_scenes_captioner.model import ScenesCaptioner

DATA = {"name": "scenes", "count": "40000", "held_out": "200", "side": "48"}
OPTIMIZER = "muon:learning_rate=4e-3,strength=0.4,momentum=0.9,adam=*embed*,*vocab*,words.*,beta2=0.98"
SETTINGS = TrainSettings(epochs=1, batch_size=32, schedule="onecycle", warmup=0.4, clip_norm=5.0, max_val=50)
PATIENCE = 90.0
"""Seconds after which a slow machine stops learning and shows how far it has come."""
SHOWN, SIDE = 8, 120


def section(registry: Any, folder: Path) -> str:
    """HTML: a captioner trained from nothing, and its captions of scenes that it has not seen."""
    data = registry.resolve(Dataset, DATA)
    model = ScenesCaptioner().prepared_for(data.facts()).initialized(np.random.default_rng(0))
    trainer = Trainer(model, data, registry.resolve(Optimizer, OPTIMIZER), SETTINGS)
    started = time.monotonic()
    for _ in trainer.steps():
        if time.monotonic() - started > PATIENCE:
            break
    seconds = time.monotonic() - started
    trained: Any = trainer.trained
    images, references = data.pictures("test")
    said = [c.text(trained.speaker.vocabulary) for c in greedy(trained.speaker, trained.features(images))]
    right = [s == r[0] for s, r in zip(said, references, strict=True)]
    cells = []
    for i, picture in enumerate(data.pixels("test", np.arange(SHOWN))):
        name = f"scene-{i}.png"
        encode(resize(picture, SIDE, SIDE), folder / name)
        truth = "" if right[i] else f"<br><span class=fault>it is {html.escape(references[i][0])}</span>"
        cells.append(f'<figure><img src="{name}" alt=""><figcaption>“{html.escape(said[i])}”{truth}</figcaption></figure>')
    return (
        "<section><h2>A captioner that has just learned to speak</h2><p>An LSTM and its encoder, trained from nothing on "
        f"pictures of made scenes while this page was written: {trainer.step:,} updates in {seconds:.0f} seconds. Of "
        f"{len(right)} scenes that it had never seen it captions {sum(right)} exactly right, word for word.</p>"
        f"<div class=words>{''.join(cells)}</div></section>"
    )
