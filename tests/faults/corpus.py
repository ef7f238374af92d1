"""Good files of every kind that Phosphene reads, small and made from scratch: what the fuzzer starts from."""

import functools
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


@functools.cache
def corpus() -> dict[str, list[tuple[str, bytes]]]:
    """kind -> (file name, content), always the same. The kinds are the keys of `readers.READERS`."""
    rng = np.random.default_rng(0)
    return {
        "model": _models(),
        "course model": [("course.h5", _course(rng))],
        "checkpoint": [("last.h5", _checkpoint())],
        "image": _images(rng),
        "caption json": [("captions_val2014.json", _coco())],
        "caption text": [
            ("captions.txt", b'image,caption\n1.jpg,A cat.\n1.jpg,"A dog, sitting."\n2.jpg,""a"" cat\n'),
            ("Flickr8k.token.txt", b"1.jpg#0\tA cat .\n1.jpg#1\tA dog .\n2.jpg#0\tIt sits .\n"),
            ("results.csv", b"image_name| comment_number| comment\n1.jpg| 0| A cat .\n2.jpg| 0| It sits .\n"),
        ],
        "captions zip": [("layout.zip", _layout(rng, how)) for how in (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED)],
        "vocabulary": [("coco2014_vocab.json", _vocabulary())],
        "captions h5": [("coco2014_captions.h5", _captions(rng))],
        "features h5": [("train2014_vgg16_fc7_pca.h5", _features(rng, c)) for c in (False, True)],
        "zip": [("set.zip", _tiny_imagenet(rng, how)) for how in (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED)],
        "listing": [(n, c) for n, c in tiny_imagenet_files(rng).items() if n.endswith(".txt")],
        "flickr zip": [("flickr.zip", _flickr(rng))],
        "tar": [("set.tar", _tar("w")), ("set.tar.gz", _tar("w:gz"))],
        "toml": [("run.toml", _toml())],
        "results": [("before.json", _results())],
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
    deep = pixels[..., 0].astype(np.float32)
    film = [rgb, rgb.rotate(90, expand=False)] * 2
    for name, image, options in (
        *((f"{how}.tif", rgb, {"compression": how}) for how in ("tiff_lzw", "packbits", "tiff_adobe_deflate", "jpeg")),
        ("group4.tif", rgb.convert("1"), {"compression": "group4"}),
        ("deep.tif", Image.fromarray(deep.astype(np.uint16)), {}), ("long.tif", Image.fromarray(deep.astype(np.int32)), {}),
        ("float.tif", Image.fromarray(deep), {}), ("progressive.jpg", rgb, {"progressive": True}),
        ("exif.jpg", rgb, {"exif": b"Exif\0\0II*\0\b\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"}),
        ("film.gif", rgb.convert("P"), {"save_all": True, "append_images": film}),
        ("film.webp", rgb, {"save_all": True, "append_images": film}), ("lossless.webp", rgb, {"lossless": True}),
        ("interlaced.gif", rgb.convert("P"), {"interlace": True}), ("alpha.png", rgb.convert("LA"), {}),
    ):  # fmt: skip
        file = io.BytesIO()
        image.save(file, format=Image.registered_extensions()[Path(name).suffix], **options)
        found.append((name, file.getvalue()))
    return found


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


def _jpeg(rng: np.random.Generator) -> bytes:
    picture = io.BytesIO()
    Image.fromarray(rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)).save(picture, format="JPEG")
    return picture.getvalue()


def tiny_imagenet_files(rng: np.random.Generator) -> dict[str, bytes]:
    files = {"wnids.txt": b"n01\nn02\n", "words.txt": b"n01\tcat\nn02\tdog, hound\n"}
    for i, wnid in enumerate(("n01", "n02", "n01", "n02")):
        name = f"train/{wnid}/images/{wnid}_{i}.JPEG" if i < 2 else f"val/images/val_{i}.JPEG"
        files[name] = _jpeg(rng)
    files["val/val_annotations.txt"] = b"val_2.JPEG\tn01\t0\t0\t7\t7\nval_3.JPEG\tn02\t0\t0\t5\t5\n"
    for wnid, i in (("n01", 0), ("n02", 1)):
        files[f"train/{wnid}/{wnid}_boxes.txt"] = f"{wnid}_{i}.JPEG\t0\t0\t7\t7\n".encode()
    return files


def _zip(files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", compression) as pack:
        for name, content in files.items():
            pack.writestr(name, content)
    return packed.getvalue()


def _tiny_imagenet(rng: np.random.Generator, compression: int) -> bytes:
    return _zip({f"t/{name}": content for name, content in tiny_imagenet_files(rng).items()}, compression)


def _flickr(rng: np.random.Generator) -> bytes:
    said = "".join(f"{i}.jpg,a cat sits\n{i}.jpg,a dog\n" for i in range(4))
    files = {"f/captions.txt": f"image,caption\n{said}".encode()}
    return _zip(files | {f"f/Images/{i}.jpg": _jpeg(rng) for i in range(4)}, zipfile.ZIP_STORED)


def _layout(rng: np.random.Generator, compression: int) -> bytes:
    files = {"coco2014_vocab.json": _vocabulary(), "coco2014_captions.h5": _captions(rng)}
    files |= {f"{split}2014_vgg16_fc7_pca.h5": _features(rng, False) for split in ("train", "val")}
    return _zip({f"coco_captioning/{name}": content for name, content in files.items()}, compression)


def _results() -> bytes:
    case = {"plugin": "p", "kind": "kernel", "name": "k", "milliseconds": 1.5, "gflops": None}
    return json.dumps({"format": "phosphene bench", "version": 1, "peak_gflops": 100.0, "cases": [case] * 3}).encode()


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
