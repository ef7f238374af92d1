"""Good files of every kind that Phosphene reads, small and made from scratch: what the fuzzer starts from."""

import io
import json
import tarfile
import tempfile
import zipfile
from pathlib import Path

import h5py
import numpy as np
from PIL import Image

from phosphene_core import modelfile
from phosphene_core.testing import tiny_classifier

WORDS = ["<NULL>", "<START>", "<END>", "<UNK>", "a", "cat", "dog", "sits"]


def corpus(rng: np.random.Generator) -> dict[str, list[tuple[str, bytes]]]:
    """kind -> (file name, content). The kinds are the keys of `readers.READERS`."""
    return {
        "model": _models(),
        "course model": [("course.h5", _course(rng))],
        "checkpoint": [("last.h5", _checkpoint())],
        "image": _images(rng),
        "caption json": [("captions_val2014.json", _coco())],
        "caption text": [("captions.txt", b'image,caption\n1.jpg,A cat.\n1.jpg,"A dog, sitting."\n2.jpg,""a"" cat\n')],
        "vocabulary": [("coco2014_vocab.json", _vocabulary())],
        "captions h5": [("coco2014_captions.h5", _captions(rng))],
        "features h5": [("train2014_vgg16_fc7_pca.h5", _features(rng, c)) for c in (False, True)],
        "zip": [("set.zip", _tiny_imagenet(rng))],
        "tar": [("set.tar", _tar("w")), ("set.tar.gz", _tar("w:gz"))],
        "toml": [("run.toml", _toml())],
        "record": [(".sha256sums", f"{'0' * 64}  a.txt\n{'1' * 64}  b/c.txt\n".encode())],
    }


def _made(write) -> bytes:  # type: ignore[no-untyped-def]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.h5"
        write(path)
        return path.read_bytes()


def _h5(arrays: dict, **options) -> bytes:  # type: ignore[no-untyped-def, type-arg]
    def write(path: Path) -> None:
        with h5py.File(path, "w") as file:
            for name, value in arrays.items():
                file.create_dataset(name, data=value, **options)

    return _made(write)


def _models() -> list[tuple[str, bytes]]:
    from phosphene_cnn import CNN

    tiny = tiny_classifier()
    small = CNN(filters=(4, 6), strides=(2, 1), hidden=5, size=8, classes=3).initialized(np.random.default_rng(0))
    models = ((tiny, False), (tiny, True), (small, False), (small, True))
    return [
        (f"{i}.h5", _made(lambda p, m=m, h=h: modelfile.save_model(m, p, half=h))) for i, (m, h) in enumerate(models)
    ]


def _course(rng: np.random.Generator) -> bytes:
    shapes = {"W1": (4, 3, 3, 3), "W2": (4 * 4 * 4, 6), "W3": (6, 5), "b1": (4,), "b2": (6,), "b3": (5,)}
    for i, n in ((1, 4), (2, 6)):
        shapes |= {f"{name}{i}": (n,) for name in ("gamma", "beta", "running_mean", "running_var")}
    shapes["mean_image"] = (3, 8, 8)
    return _h5({k: rng.random(s, dtype=np.float32) for k, s in shapes.items()})


def _checkpoint() -> bytes:
    from run import trainer  # beside this file

    with tempfile.TemporaryDirectory() as folder:
        made = trainer(Path(folder), epochs=1)
        for _ in made.steps():
            pass
        return (Path(folder) / "last.h5").read_bytes()


def _images(rng: np.random.Generator) -> list[tuple[str, bytes]]:
    pixels = rng.integers(0, 256, (12, 16, 4), dtype=np.uint8)
    rgb, rgba = Image.fromarray(pixels[..., :3]), Image.fromarray(pixels)
    made = {"a.png": rgb, "b.png": rgba, "c.png": rgb.convert("P"), "e.png": rgb.convert("1"), "a.jpg": rgb,
            "b.jpg": rgb.convert("CMYK"), "a.gif": rgb.convert("P"), "a.bmp": rgb, "a.tif": rgb, "a.webp": rgba,
            "a.ppm": rgb, "a.pgm": rgb.convert("L"), "d.png": Image.fromarray(pixels[..., 0].astype(np.uint16) * 257)}  # fmt: skip
    found = []
    for name, image in made.items():
        file = io.BytesIO()
        image.save(file, format=Image.registered_extensions()[Path(name).suffix])
        found.append((name, file.getvalue()))
    packed, film = io.BytesIO(), io.BytesIO()
    rgb.save(packed, format="TIFF", compression="tiff_lzw")
    rgb.convert("P").save(film, format="GIF", save_all=True, append_images=[rgb.convert("P")] * 3)
    return [*found, ("b.tif", packed.getvalue()), ("b.gif", film.getvalue())]


def _coco() -> bytes:
    images = [{"id": i, "file_name": f"{i}.jpg", "coco_url": "http://x/"} for i in range(5)]
    said = [{"image_id": i % 5, "id": i, "caption": f"a cat number {i}"} for i in range(9)]
    return json.dumps({"info": {}, "licenses": [], "images": images, "annotations": said}).encode()


def _vocabulary() -> bytes:
    return json.dumps({"idx_to_word": WORDS, "word_to_idx": {w: i for i, w in enumerate(WORDS)}}).encode()


def _captions(rng: np.random.Generator) -> bytes:
    arrays = {}
    for split, count in (("train", 12), ("val", 6)):
        arrays[f"{split}_captions"] = rng.integers(0, len(WORDS), (count, 6), dtype=np.int32)
        arrays[f"{split}_image_idxs"] = rng.integers(0, 4, count, dtype=np.int32)
    return _h5(arrays)


def _features(rng: np.random.Generator, compressed: bool) -> bytes:
    return _h5({"features": rng.random((4, 8), dtype=np.float32)}, **({"compression": "gzip"} if compressed else {}))


def _tiny_imagenet(rng: np.random.Generator) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as pack:
        pack.writestr("t/wnids.txt", "n01\nn02\n")
        pack.writestr("t/words.txt", "n01\tcat\nn02\tdog, hound\n")
        for i, wnid in enumerate(("n01", "n02", "n01", "n02")):
            picture = io.BytesIO()
            Image.fromarray(rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)).save(picture, format="JPEG")
            name = f"train/{wnid}/images/{wnid}_{i}.JPEG" if i < 2 else f"val/images/val_{i}.JPEG"
            pack.writestr(f"t/{name}", picture.getvalue())
        pack.writestr("t/val/val_annotations.txt", "val_2.JPEG\tn01\t0\t0\t7\t7\nval_3.JPEG\tn02\t0\t0\t5\t5\n")
        for wnid, i in (("n01", 0), ("n02", 1)):
            pack.writestr(f"t/train/{wnid}/{wnid}_boxes.txt", f"{wnid}_{i}.JPEG\t0\t0\t7\t7\n")
    return packed.getvalue()


def _tar(mode: str) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=mode) as pack:  # type: ignore[call-overload]
        for i in range(3):
            info = tarfile.TarInfo(f"set/{i}.txt")
            info.size = 40
            pack.addfile(info, io.BytesIO(b"x" * 40))
    return packed.getvalue()


def _toml() -> bytes:
    return (b'[model]\nname = "tiny"\n[optimizer]\nname = "adam"\nlearning_rate = 1e-3\n[data]\nname = "made"\npath = "x"\n'
            b'[train]\nepochs = 3\nbatch_size = 10\nschedule = "cosine"\nclip_norm = 1.0\nseed = 7\n')  # fmt: skip
