"""Preparing features (files read, decoded, brought to size, looked at, written) beside the encoder's bare forward pass on as
many ready pictures, in turns.

    python tests/benchmarks/features_vs_forward.py [FLICKR_OR_COCO ...] [--rounds 5]

Made JPEGs of two sizes, and the folders or zips named; the network inside phosphene-cnn, the course's nine layers, and
these on pictures of 128 pixels, with random weights. `decoding` is what a picture costs one core apart from the encoder: a
pass cannot be closer to the forward than that, shared out among the cores.
"""

import argparse
import contextlib
import io
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import attrs
import numpy as np
from PIL import Image

from phosphene_cnn import CNN
from phosphene_coco.captioned import read
from phosphene_coco.place import Place
from phosphene_coco.prepare import prepare
from phosphene_core import ImageModel, Need, Pass
from phosphene_core.image import decode
from phosphene_core.threads import threads, use_threads

MADE = {"made, 200 x 150": (200, 150), "made, 640 x 480": (640, 480)}
COUNT, BATCH = 1000, 64


def encoders() -> dict[str, ImageModel]:
    small, course = CNN.pretrained(), CNN().initialized(np.random.default_rng(0))
    large = CNN(size=128, head="average").initialized(np.random.default_rng(0))
    return {"the small one": small, "the course's": course, "the course's at 128": attrs.evolve(large, mean=None)}


def make(folder: Path, width: int, height: int) -> None:
    """Pictures with edges and texture, as JPEG, in Flickr8k's layout."""
    rng, lines = np.random.default_rng(0), ["image,caption"]
    (folder / "Images").mkdir()
    for i in range(COUNT):
        coarse = Image.fromarray(rng.integers(0, 256, (6, 8, 3), np.uint8)).resize((width, height), Image.Resampling.BICUBIC)
        noisy = np.clip(np.asarray(coarse) + rng.normal(0, 8, (height, width, 3)), 0, 255).astype(np.uint8)
        data = io.BytesIO()
        Image.fromarray(noisy).save(data, "JPEG", quality=85)
        (folder / "Images" / f"{i:04}.jpg").write_bytes(data.getvalue())
        lines.append(f"{i:04}.jpg,a made picture of nothing")
    (folder / "captions.txt").write_text("\n".join(lines))


def seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def measure(name: str, source: Path, rounds: int) -> None:
    place = Place(source)
    splits = read(place)
    pictures = [p for s in splits.values() for p in s]
    for label, encoder in encoders().items():
        size = encoder.input_shape[1:]
        images = np.zeros((BATCH, *encoder.input_shape), np.float32)

        def forward(encoder: ImageModel = encoder, images: np.ndarray = images) -> None:
            for start in range(0, len(pictures), BATCH):
                part = images[: len(pictures) - start]
                encoder.trace(part, upto="hidden", run=Pass(need=Need.NOTHING))

        def decoding(size: tuple[int, ...] = size) -> None:
            with use_threads(1):
                for p in pictures:
                    decode(place.read(p.found_in(place)), fit=(size[0], size[1]))

        with tempfile.TemporaryDirectory() as target:

            def whole(encoder: ImageModel = encoder, target: str = target) -> None:
                prepare(place, splits, encoder, "hidden", Path(target) / "out")

            forward()
            both = [(seconds(forward), seconds(whole)) for _ in range(rounds)]
        bare, all_of_it = (statistics.median(times) / len(pictures) * 1e3 for times in zip(*both, strict=True))
        alone = seconds(decoding) / len(pictures) * 1e3
        print(
            f"{name:28}{label:22}{bare:9.3f}{all_of_it:11.3f}{bare / all_of_it:8.0%}{alone:11.3f}{1e3 / all_of_it:12,.0f}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", nargs="*", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    print(f"milliseconds a picture on {threads()} cores; speed: pictures a second as a share of the bare forward's")
    print(f"{'pictures':28}{'encoder':22}{'forward':>9}{'preparing':>11}{'speed':>8}{'decoding':>11}{'pictures/s':>12}")
    with contextlib.ExitStack() as stack:
        for name, (width, height) in MADE.items():
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            make(folder, width, height)
            measure(name, folder, given.rounds)
        for source in given.sources:
            measure(source.name, source, given.rounds)


if __name__ == "__main__":
    main()
