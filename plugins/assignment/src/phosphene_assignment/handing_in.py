"""Packing `assignment3.zip`: what is handed in, what is left out and why, what is missing."""

import ast
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import attrs

from phosphene_assignment.asking import PACKAGE
from phosphene_assignment.submission import COMPILED, NO_CODE
from phosphene_core import FileError
from phosphene_core.wholefile import whole

NAME = "assignment3.zip"
FUNCTIONS = {
    "rnn_layers.py": ("rnn_step_forward", "rnn_step_backward", "rnn_forward", "rnn_backward", "word_embedding_forward",
                      "word_embedding_backward", "temporal_softmax_loss"),
    "lstm_layers.py": ("lstm_step_forward", "lstm_step_backward", "lstm_forward", "lstm_backward"),
    "captioning.py": ("caption_loss", "caption_sample"),
    "image_gradients.py": ("compute_saliency_maps", "make_fooling_image"),
    "image_generation.py": ("create_class_visualization", "invert_features", "deepdream"),
    "extra.py": ("extra", "about"),
}  # fmt: skip
"""What the student writes, by file."""

LARGEST = 10 << 20
DATA = (".h5", ".hdf5", ".npy", ".npz", ".mat", ".pkl", ".pickle", ".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z")
DATA_FOLDERS = frozenset({"data", "datasets", "dataset", "coco_captioning", "tiny-imagenet-100-A", "out", "build", "dist", "runs"})
_TIME = (1980, 1, 1, 0, 0, 0)


@attrs.frozen
class Packed:
    """What packing found: names that went in, names left out with the reason, and what is missing."""

    file: Path
    included: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]


def pack(folder: Path, target: Path | None = None) -> Packed:
    """Write the zip file (default: `assignment3.zip` in the folder). The same files give the same bytes. `FileError` if
    there is no assignment in the folder."""
    if not (folder / PACKAGE).is_dir():
        raise FileError(f"{folder} holds no folder {PACKAGE}; name the folder that `phosphene assignment start` made")
    target = folder / NAME if target is None else target
    included: list[str] = []
    left_out: list[tuple[str, str]] = []
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, reason in _looked_at(folder, target.resolve()):
            name = path.relative_to(folder).as_posix()
            if reason:
                left_out.append((name, reason))
                continue
            entry = zipfile.ZipInfo(name, _TIME)
            entry.external_attr = 0o100644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            archive.writestr(entry, path.read_bytes())
            included.append(name)
    with whole(target) as file:
        file.write(memory.getvalue())
    return Packed(target, tuple(included), tuple(left_out), tuple(_missing(folder, included)))


def _looked_at(folder: Path, target: Path) -> Iterator[tuple[Path, str]]:
    """Every file, and why it stays out (empty: it goes in). Folders that stay out are told as one."""
    for path in sorted(folder.iterdir(), key=lambda p: p.name):
        if path.is_symlink():
            yield path, "a link"
        elif path.is_dir():
            if path.name in NO_CODE or path.name.startswith(".") or path.name.endswith(".egg-info"):
                yield path, "not yours to hand in"
            elif path.name in DATA_FOLDERS:
                yield path, "data or results"
            else:
                yield from _looked_at(path, target)
        elif path.resolve() != target:
            yield path, _reason(path)


def _reason(path: Path) -> str:
    suffix = path.suffix.lower()
    if not path.is_file():
        return "not a plain file"
    if path.name.startswith("."):
        return "hidden"
    if suffix in COMPILED:
        return "compiled"
    if suffix in DATA:
        return "data"
    return f"larger than {LARGEST >> 20} MB" if path.stat().st_size > LARGEST else ""


def _missing(folder: Path, included: list[str]) -> Iterator[str]:
    """Files, functions that are not there, and functions that are not written."""
    for file, functions in FUNCTIONS.items():
        name = f"{PACKAGE}/{file}"
        if name not in included:
            yield f"{name}: the file is not there"
            continue
        try:
            defined = {n.name: n for n in ast.parse((folder / name).read_bytes()).body if isinstance(n, ast.FunctionDef)}
        except (SyntaxError, ValueError) as error:
            yield f"{name}: cannot be read as Python ({getattr(error, 'msg', error)}, line {getattr(error, 'lineno', '?')})"
            continue
        for function in functions:
            if function not in defined:
                yield f"{name}: {function} is not there"
            elif _unwritten(defined[function]):
                yield f"{name}: {function} is not written yet"


def _unwritten(function: ast.FunctionDef) -> bool:
    """Whether nothing stands in the function but `raise NotImplementedError`."""
    last = function.body[-1]
    if not isinstance(last, ast.Raise):
        return False
    what = last.exc.func if isinstance(last.exc, ast.Call) else last.exc
    return isinstance(what, ast.Name) and what.id == "NotImplementedError"
