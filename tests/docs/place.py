"""What a page's blocks find where they run: a photograph, small data sets of the right layout, a folder of recipes."""

import io
import shutil
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).parent.parent.parent


def prepare(folder: Path) -> None:
    """Make them, once for all pages."""
    from skimage.data import chelsea

    from phosphene_cnn import CNN
    from phosphene_core.modelfile import save_model
    from phosphene_scenes import Scenes

    Image.fromarray(chelsea()[:240:2, 100:420:2]).save(folder / "photo.jpg", quality=92)
    Image.fromarray(Scenes(side=48).pixels("test", [0])[0]).save(folder / "scene.png")
    _tiny_imagenet(folder / "tiny-imagenet-100-A.zip")
    (folder / "tiny-imagenet-200.zip").symlink_to("tiny-imagenet-100-A.zip")
    zipfile.ZipFile(folder / "tiny-imagenet-100-A.zip").extractall(folder)
    save_model(CNN.pretrained(), folder / "model.h5")
    _flickr(folder / "flickr8k.zip")


def furnish(page: Path, stock: Path) -> None:
    """Put them into a page's folder, as links."""
    for path in stock.iterdir():
        (page / path.name).symlink_to(path)
    shutil.copytree(ROOT / "docs/recipes", page / "docs/recipes")


def _jpeg(rng: np.random.Generator, width: int, height: int) -> bytes:
    coarse = Image.fromarray(rng.integers(0, 256, (4, 4, 3), np.uint8))
    out = io.BytesIO()
    coarse.resize((width, height)).save(out, format="JPEG")
    return out.getvalue()


def _tiny_imagenet(path: Path) -> None:
    """The layout of TinyImageNet-100-A with two pictures of a class to train on and one to validate."""
    from phosphene_cnn import CNN

    rng = np.random.default_rng(0)
    model = CNN.pretrained()
    with zipfile.ZipFile(path, "w") as file:
        top = "tiny-imagenet-100-A"
        file.writestr(f"{top}/wnids.txt", "\n".join(model.class_ids))
        names = zip(model.class_ids, model.class_names, strict=True)
        file.writestr(f"{top}/words.txt", "".join(f"{i}\t{n}\n" for i, n in names))
        validation = []
        for k, wnid in enumerate(model.class_ids):
            for i in range(2):
                file.writestr(f"{top}/train/{wnid}/images/{wnid}_{i}.JPEG", _jpeg(rng, 64, 64))
            boxes = "".join(f"{wnid}_{i}.JPEG\t0\t0\t63\t63\n" for i in range(2))
            file.writestr(f"{top}/train/{wnid}/{wnid}_boxes.txt", boxes)
            file.writestr(f"{top}/val/images/val_{k}.JPEG", _jpeg(rng, 64, 64))
            file.writestr(f"{top}/test/images/test_{k}.JPEG", _jpeg(rng, 64, 64))
            validation.append(f"val_{k}.JPEG\t{wnid}\t0\t0\t63\t63\n")
        file.writestr(f"{top}/val/val_annotations.txt", "".join(validation))


def _flickr(path: Path) -> None:
    """The layout of Flickr8k with a dozen pictures and five captions of each."""
    rng = np.random.default_rng(1)
    lines = ["image,caption"]
    with zipfile.ZipFile(path, "w") as file:
        for i in range(12):
            file.writestr(f"flickr8k/Images/{i}.jpg", _jpeg(rng, 120, 90))
            lines += [f"{i}.jpg,A {colour} dog runs through the grass ." for colour in ("black", "white", "brown", "red", "small")]
        file.writestr("flickr8k/captions.txt", "\n".join(lines) + "\n")
