"""Files made on purpose to do harm: HDF5 that leads elsewhere or claims too much, pictures that are bombs.

`python tests/faults/hostile.py [NAME]` tries each in a process of its own and prints what became of it: all must be
refused with a PhospheneError in one line, within 10 s and 1 GB.
"""

import io
import os
import resource
import signal
import struct
import sys
import tempfile
import traceback
import warnings
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import h5py
import numpy as np
from PIL import Image

from phosphene_core import modelfile
from phosphene_core.testing import tiny_classifier

Write = Callable[[Path], None]
NAME = "params/conv1.mix.W"
"""The array of a tiny model that each hostile file gets wrong."""


def spoiled(change: Callable[[h5py.File, Path], None]) -> Write:
    """A tiny model whose first array `change` replaces; it is deleted before."""

    def write(path: Path) -> None:
        modelfile.save_model(tiny_classifier(), path)
        with h5py.File(path, "r+") as file:
            del file[NAME]
            change(file, path)

    return write


def elsewhere(folder: Path) -> Path:
    """A good array, in a file that only its owner may want to be read."""
    other = folder / "secret.h5"
    with h5py.File(other, "w") as file:
        file["W"] = tiny_classifier().params["conv1.mix.W"]
    (folder / "secret.raw").write_bytes(tiny_classifier().params["conv1.mix.W"].tobytes())
    return other


def link(target: str, inside: str) -> Write:
    """An external link to `inside` of a file that may be no regular one."""

    def change(file: h5py.File, path: Path) -> None:
        elsewhere(path.parent)
        place = path.parent / target
        if target == "fifo" and not place.exists():
            os.mkfifo(place)
        file[NAME] = h5py.ExternalLink(str(place), inside)

    return spoiled(change)


def group_elsewhere(path: Path) -> None:
    """The group of all parameters is an external link to a pipe: whoever opens it waits for ever."""
    modelfile.save_model(tiny_classifier(), path)
    os.mkfifo(path.parent / "pipe")
    with h5py.File(path, "r+") as file:
        del file["params"]
        file["params"] = h5py.ExternalLink(str(path.parent / "pipe"), "/")


def external(file: h5py.File, path: Path) -> None:
    elsewhere(path.parent)
    file.create_dataset(NAME, (4, 3, 3, 3), "f4", external=[(str(path.parent / "secret.raw"), 0, h5py.h5f.UNLIMITED)])


def virtual(file: h5py.File, path: Path) -> None:
    layout = h5py.VirtualLayout((4, 3, 3, 3), "f4")
    layout[:] = h5py.VirtualSource(str(elsewhere(path.parent)), "W", (4, 3, 3, 3))
    file.create_virtual_dataset(NAME, layout)


def virtual_of_itself(file: h5py.File, path: Path) -> None:
    layout = h5py.VirtualLayout((4, 3, 3, 3), "f4")
    layout[:] = h5py.VirtualSource(".", NAME, (4, 3, 3, 3))
    file.create_virtual_dataset(NAME, layout)


def huge(shape: tuple[int, ...], **options: object) -> Write:
    return spoiled(lambda file, path: file.create_dataset(NAME, shape, "f4", **options) and None)


def array(values: object, **options: object) -> Write:
    return spoiled(lambda file, path: file.create_dataset(NAME, data=values, **options) and None)


def huge_chunk(file: h5py.File, path: Path) -> None:
    data = file.create_dataset(NAME, (4, 3, 3, 3), "f4", chunks=(2048, 64, 64, 100), maxshape=(None,) * 4, compression="gzip")
    data.id.write_direct_chunk((0, 0, 0, 0), zlib.compress(bytes(1000)))


def bomb(gigabytes: int) -> bytes:
    """Deflated zeros: a piece that inflates to 16 MB, again and again."""
    squeezer = zlib.compressobj(9)
    first, again = (squeezer.compress(bytes(16 << 20)) + squeezer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    return first + again * (64 * gigabytes - 1) + squeezer.flush()


def deflated_bomb(file: h5py.File, path: Path) -> None:
    """A chunk of 432 bytes that inflates to 3 GB."""
    data = file.create_dataset(NAME, (4, 3, 3, 3), "f4", chunks=(4, 3, 3, 3), compression="gzip")
    data.id.write_direct_chunk((0, 0, 0, 0), bomb(3))


def large_deflated_bomb(file: h5py.File, path: Path) -> None:
    """A chunk of 8 MB of which 4 MB are stored, as may well be; they inflate to 4 GB."""
    data = file.create_dataset(NAME, (2, 1 << 20), "f8", chunks=(1, 1 << 20), compression="gzip")
    for row in range(2):
        data.id.write_direct_chunk((row, 0), bomb(4))


def packed_twice(file: h5py.File, path: Path) -> None:
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_chunk((4, 3, 3, 3))
    plist.set_deflate(9)
    plist.set_deflate(9)
    space = h5py.h5s.create_simple((4, 3, 3, 3))
    data = h5py.h5d.create(file["params"].id, b"conv1.mix.W", h5py.h5t.NATIVE_FLOAT, space, plist)
    data.write_direct_chunk((0, 0, 0, 0), zlib.compress(zlib.compress(bytes(432))))


def unknown_filter(file: h5py.File, path: Path) -> None:
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_chunk((4, 3, 3, 3))
    plist.set_filter(305, h5py.h5z.FLAG_OPTIONAL, (1, 2, 3))
    space = h5py.h5s.create_simple((4, 3, 3, 3))
    data = h5py.h5d.create(file["params"].id, b"conv1.mix.W", h5py.h5t.NATIVE_FLOAT, space, plist)
    data.write_direct_chunk((0, 0, 0, 0), bytes(432))


def soft_cycle(file: h5py.File, path: Path) -> None:
    file[NAME] = h5py.SoftLink("/" + NAME)


def soft_links_in_circles(file: h5py.File, path: Path) -> None:
    file[NAME], file["params/other"] = h5py.SoftLink("/params/other"), h5py.SoftLink("/" + NAME)


def hard_cycle(file: h5py.File, path: Path) -> None:
    file["params/params"] = file["/"]
    file[NAME] = file["params"]


def about(text: object) -> Write:
    def write(path: Path) -> None:
        modelfile.save_model(tiny_classifier(), path)
        with h5py.File(path, "r+") as file:
            file.attrs["about"] = text

    return write


def course_link(path: Path) -> None:
    os.mkfifo(path.parent / "pipe")
    with h5py.File(path, "w") as file:
        file["W1"] = h5py.ExternalLink(str(path.parent / "pipe"), "W1")


HDF5: dict[str, Write] = {
    "a link to a pipe in another layout": course_link,
    "an external link to another file": link("secret.h5", "W"),
    "an external link to a pipe": link("fifo", "W"),
    "an external link to a device": link("/dev/zero", "W"),
    "an external link to nothing": link("nowhere.h5", "W"),
    "a group that is an external link to a pipe": group_elsewhere,
    "external storage": spoiled(external),
    "a virtual array": spoiled(virtual),
    "a virtual array of itself": spoiled(virtual_of_itself),
    "a soft link to itself": spoiled(soft_cycle),
    "soft links in circles": spoiled(soft_links_in_circles),
    "a group that holds its parent": spoiled(hard_cycle),
    "a claim of terabytes": huge((1 << 20, 1 << 20), chunks=(64, 64)),
    "a claim of terabytes, nothing stored": huge((1 << 40,)),
    "a claim of 2^63 bytes and more": huge((1 << 31, 1 << 30, 4), chunks=(1, 1, 4)),
    "many dimensions": huge((2,) * 32, chunks=(1,) * 32),
    "no dimensions": array(np.float32(3)),
    "no elements": huge((0, 3, 3, 3)),
    "an empty dataspace": array(h5py.Empty("f4")),
    "a chunk larger than memory": spoiled(huge_chunk),
    "a chunk that inflates to gigabytes": spoiled(deflated_bomb),
    "a large chunk that inflates to gigabytes": spoiled(large_deflated_bomb),
    "a chunk that is packed twice": spoiled(packed_twice),
    "a filter that nobody knows": spoiled(unknown_filter),
    "records": array(np.zeros((4, 3, 3, 3), [("a", "f4"), ("b", "i4")])),
    "arrays in arrays": spoiled(lambda f, p: f.create_dataset(NAME, (4, 3, 3), np.dtype(("f4", (3,)))) and None),
    "texts": array(["a"] * 4, dtype=h5py.string_dtype()),
    "lists of any length": spoiled(lambda f, p: f.create_dataset(NAME, (4,), h5py.vlen_dtype("f4")) and None),
    "references": spoiled(lambda f, p: f.create_dataset(NAME, (4,), h5py.ref_dtype) and None),
    "opaque bytes": array(np.zeros(4, "V16")),
    "complex numbers": array(np.zeros((4, 3, 3, 3), np.complex64)),
    "named types": spoiled(lambda f, p: f.__setitem__(NAME, np.dtype("f4"))),
    "enumerations": array(np.zeros(4, "i1"), dtype=h5py.enum_dtype({"a": 0})),
    "NaN": array(np.full((4, 3, 3, 3), np.nan, np.float32)),
    "infinity": array(np.full((4, 3, 3, 3), -np.inf, np.float32)),
    "numbers beyond float32": array(np.full((4, 3, 3, 3), 1e300)),
    "about that is no text": about(3),
    "about that is an array": about(np.zeros(1000)),
    "about that is no JSON": about("{"),
    "about nested too deep": about("[" * 60000),
    "about with numbers of thousands of digits": about('{"model": ' + "9" * 60000 + "}"),
    "about that is a list": about("[1]"),
    "about of another class": about('{"class": "Nobody", "settings": {}}'),
    "about with impossible settings": about('{"class": "CNN", "settings": {"filters": [1000000000000], "size": 1000000000}}'),
}


def png(width: int, height: int, data: bytes = b"", bits: int = 8, colour: int = 2, more: bytes = b"") -> bytes:
    """A PNG with such a header, whatever its data."""

    def part(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", header) + more + part(b"IDAT", data) + part(b"IEND", b"")


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def patched(data: bytes, at: int, value: bytes) -> bytes:
    return data[:at] + value + data[at + len(value) :]


def text_bomb() -> bytes:
    packed = b"a\0\0" + zlib.compress(bytes(200 << 20))
    part = struct.pack(">I", len(packed)) + b"zTXt" + packed + struct.pack(">I", zlib.crc32(b"zTXt" + packed))
    return png(4, 4, zlib.compress(bytes(13 * 4)), more=part)


def pictures() -> dict[str, tuple[str, bytes]]:
    """name -> (suffix, content); none of them can be shown."""
    rng = np.random.default_rng(0)
    small = Image.fromarray(rng.integers(0, 256, (40, 40, 3), np.uint8))
    jpeg, gif, tiff = saved(small, "JPEG"), saved(small, "GIF"), saved(small, "TIFF")
    webp, bmp = saved(small, "WEBP"), saved(small, "BMP")
    sof = jpeg.index(b"\xff\xc0") + 5
    width_tag = tiff.index(struct.pack("<HHI", 256, 4, 1)) + 8
    return {
        "PNG that claims 2^31 pixels a side": (".png", png(2**31 - 1, 2**31 - 1)),
        "PNG that claims 65,000 pixels a side": (".png", png(65000, 65000, zlib.compress(bytes(1000)))),
        "PNG of no width": (".png", png(0, 10)),
        "PNG of no data": (".png", png(10, 10)),
        "PNG with a text of 200 MB": (".png", text_bomb()),
        "JPEG that claims 65,500 pixels a side": (".jpg", patched(jpeg, sof, struct.pack(">HH", 65500, 65500))),
        "JPEG of no height": (".jpg", patched(jpeg, sof, struct.pack(">HH", 0, 40))),
        "JPEG cut off": (".jpg", jpeg[: len(jpeg) // 2]),
        "JPEG of a header alone": (".jpg", jpeg[:20]),
        "GIF that claims 65,535 pixels a side": (".gif", patched(gif, 6, struct.pack("<HH", 65535, 65535))),
        "GIF cut off": (".gif", gif[:200]),
        "TIFF that claims 2^30 pixels": (".tif", patched(tiff, width_tag, struct.pack("<I", 1 << 30))),
        "TIFF cut off": (".tif", tiff[:200]),
        "WebP cut off": (".webp", webp[: len(webp) // 2]),
        "BMP that claims 2^30 pixels a side": (".bmp", patched(bmp, 18, struct.pack("<ii", 1 << 30, 1 << 30))),
        "BMP of negative width": (".bmp", patched(bmp, 18, struct.pack("<ii", -40, 40))),
        "PPM that claims a billion pixels a side": (".ppm", b"P6 1000000000 1000000000 255\n" + bytes(100)),
        "PPM with a number of thousands of digits": (".ppm", b"P6 " + b"9" * 5000 + b" 1 255\n"),
        "PostScript, which another program would have to run": (
            ".png", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\nshowpage\n%%EOF\n",
        ),
        "a text file": (".jpg", b"This is no picture.\n" * 100),
        "zeros": (".png", bytes(100_000)),
        "a zip": (".png", b"PK\x03\x04" + bytes(100)),
        "an HTML page": (".jpg", b"<html><body>404</body></html>"),
    }  # fmt: skip


def cases() -> Iterator[tuple[str, Callable[[Path], object]]]:
    """name -> a function that makes the file in a folder and reads it as the program does."""
    from phosphene_cnn import CNN
    from phosphene_core.image import decode
    from phosphene_core.testing import TinyClassifier

    def load(path: Path, write: Write) -> object:
        write(path)
        return modelfile.load_model(path, {"TinyClassifier": TinyClassifier, "CNN": CNN})

    def show(path: Path, content: bytes) -> object:
        path.write_bytes(content)
        return decode(path).shape

    for name, write in HDF5.items():
        yield f"HDF5: {name}", lambda folder, w=write: load(folder / "model.h5", w)  # type: ignore[misc]
    for name, (suffix, content) in pictures().items():
        yield f"picture: {name}", lambda folder, s=suffix, c=content: show(folder / f"x{s}", c)  # type: ignore[misc]


def tried(attempt: Callable[[Path], object]) -> str:
    """What becomes of one case, in a process of its own."""
    out, into = os.pipe()
    if not (child := os.fork()):
        os.close(out)
        os.write(into, _outcome(attempt).encode()[:4000])
        os._exit(0)
    os.close(into)
    with os.fdopen(out, "rb") as pipe:
        told = pipe.read().decode(errors="replace")
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return told or f"FAULT: ended with {ended}"


def _outcome(attempt: Callable[[Path], object]) -> str:
    from phosphene_core.errors import PhospheneError

    held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (held + (1 << 30),) * 2)
    signal.alarm(10)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return f"FAULT: read as {attempt(Path(folder))!r:.200}"
        except PhospheneError as error:
            return f"FAULT: {error!r}" if "\n" in str(error) else f"refused: {error}".replace(f"{folder}/", "")
        except BaseException:
            return "FAULT: " + traceback.format_exc(limit=-3)


def main() -> int:
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    found = {name: tried(attempt) for name, attempt in cases() if wanted in name}
    for name, outcome in found.items():
        print(f"{name}: {outcome}")
    return 1 if any(not outcome.startswith("refused") for outcome in found.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
