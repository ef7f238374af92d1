"""Preparing features (files read, decoded, brought to size, looked at, written) beside the encoder's bare forward pass on as
many ready pictures, in turns.

    python tests/benchmarks/features_vs_forward.py [FLICKR_OR_COCO ...] [--rounds 5] [--made WxH ...] [--large]

Made JPEGs of some sizes, and the folders or zips named; the network inside phosphene-cnn, the course's nine layers, and,
with --large, these on pictures of 128 pixels, with random weights. `forward` is the encoder alone, up to the activation, on
pictures that lie ready in memory as its input, all cores on one batch after another. `decoding` is what a picture costs one
core from its file to the encoder's input: a pass cannot be closer to the forward than that, shared out among the cores. `busy`:
how much of the cores' time the whole pass uses.
"""

import argparse
import contextlib
import io
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import PIL
from PIL import Image

from phosphene_cnn import CNN
from phosphene_coco.captioned import read
from phosphene_coco.place import Place
from phosphene_coco.prepare import prepare
from phosphene_core import ImageModel, Need, Pass, jpeg
from phosphene_core.image import decode
from phosphene_core.threads import threads, use_threads
from phosphene_resampling import fit

COUNT, BATCH = 1000, 64


def encoders(large: bool) -> dict[str, ImageModel]:
    small, course = CNN.pretrained(), CNN().initialized(np.random.default_rng(0))
    found: dict[str, ImageModel] = {"the small one": small, "the course's": course}
    if large:
        found["the course's at 128"] = CNN(size=128, head="average").initialized(np.random.default_rng(0))
    return found


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


def seconds(work: Callable[[], object]) -> tuple[float, float]:
    """How long it takes, and the time of cores that it uses."""
    begin, used = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - begin, time.process_time() - used


def measure(name: str, source: Path, rounds: int, large: bool) -> None:
    place = Place(source)
    splits = read(place)
    pictures = [p for s in splits.values() for p in s]
    for label, encoder in encoders(large).items():
        size = encoder.input_shape[1:]
        images = np.zeros((BATCH, *encoder.input_shape), np.float32)

        def forward(encoder: ImageModel = encoder, images: np.ndarray = images) -> None:
            for start in range(0, len(pictures), BATCH):
                part = images[: len(pictures) - start]
                encoder.trace(part, upto="hidden", run=Pass(need=Need.NOTHING))

        def decoding(size: tuple[int, ...] = size) -> None:
            with use_threads(1):
                for p in pictures:
                    fit(decode(place.read(p.found_in(place)), enough_for=(size[0], size[1])), *size)

        with tempfile.TemporaryDirectory() as target:

            def whole(encoder: ImageModel = encoder, target: str = target) -> None:
                prepare(place, splits, encoder, "hidden", Path(target) / "out")

            forward()
            both = [(*seconds(forward), *seconds(whole)) for _ in range(rounds)]
        bare, _, all_of_it, used = (statistics.median(times) / len(pictures) * 1e3 for times in zip(*both, strict=True))
        alone = min(seconds(decoding)[0] for _ in range(2)) / len(pictures) * 1e3
        print(
            f"{name:28}{label:22}{bare:9.3f}{all_of_it:11.3f}{bare / all_of_it:8.0%}{used / all_of_it / threads():7.0%}"
            f"{alone:11.3f}{1e3 / all_of_it:12,.0f}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", nargs="*", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--made", nargs="*", default=["64x64", "200x150", "640x480"], metavar="WxH")
    parser.add_argument("--large", action="store_true")
    given = parser.parse_args()
    print(f"milliseconds a picture on {threads()} cores; speed: pictures a second as a share of the bare forward's")
    print(f"JPEG by {'Pillow' if jpeg.simplejpeg is None else 'simplejpeg'}; Pillow {PIL.__version__}")
    print(f"{'pictures':28}{'encoder':22}{'forward':>9}{'preparing':>11}{'speed':>8}{'busy':>7}{'decoding':>11}{'pictures/s':>12}")
    with contextlib.ExitStack() as stack:
        for size in given.made:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            make(folder, *map(int, size.split("x")))
            measure(f"made, {size}", folder, given.rounds, given.large)
        for source in given.sources:
            measure(source.name, source, given.rounds, given.large)


if __name__ == "__main__":
    main()
