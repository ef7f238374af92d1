"""Makes a folder in the course's layout, at full size by default: 400,135 captions of 82,783 pictures for training, 195,954 of
40,504 for validation, and features of 512 or 4,096 columns, all drawn at random. For measuring what reading it costs; see
captions_at_full_size.py.

    python tests/benchmarks/make_coco_captioning.py FOLDER [--share 1.0] [--full-width] [--chunked]

--share: of all the rows; --full-width: the 4,096 columns as well; --chunked: in HDF5 chunks (compressed), not in one piece.
"""

import argparse
import json
from pathlib import Path

import h5py
import numpy as np

CAPTIONS, PICTURES = {"train": 400_135, "val": 195_954}, {"train": 82_783, "val": 40_504}
WORDS, LENGTH, ROWS = 1004, 17, 4096


def captions(rng: np.random.Generator, count: int) -> np.ndarray:
    """<START>, 8 to 13 words, <END>, <NULL>."""
    words = rng.integers(4, WORDS, (count, LENGTH), dtype=np.int32)
    ends = rng.integers(9, 15, count)[:, None]
    place = np.arange(LENGTH)
    words[:, 0] = 1
    return np.where(place < ends, words, np.where(place == ends, 2, 0)).astype(np.int32)


def write(folder: Path, share: float, widths: tuple[int, ...], chunked: bool) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    with h5py.File(folder / "coco2014_captions.h5", "w") as file:
        for split, count in CAPTIONS.items():
            some, pictures = max(1, int(count * share)), max(1, int(PICTURES[split] * share))
            file[f"{split}_captions"] = captions(rng, some)
            file[f"{split}_image_idxs"] = rng.integers(0, pictures, some, dtype=np.int32)
    for split, count in PICTURES.items():
        for width in widths:
            name = f"{split}2014_vgg16_fc7{'_pca' if width == 512 else ''}.h5"
            rows = max(1, int(count * share))
            with h5py.File(folder / name, "w") as file:
                how = {"chunks": (min(rows, 256), width), "compression": "lzf"} if chunked else {}
                table = file.create_dataset("features", (rows, width), np.float32, **how)
                for start in range(0, rows, ROWS):
                    table[start : start + ROWS] = rng.standard_normal((min(ROWS, rows - start), width), np.float32)
    words = ["<NULL>", "<START>", "<END>", "<UNK>", *(f"word{i}" for i in range(WORDS - 4))]
    vocabulary = {"idx_to_word": words, "word_to_idx": {w: i for i, w in enumerate(words)}}
    (folder / "coco2014_vocab.json").write_text(json.dumps(vocabulary))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--full-width", action="store_true")
    parser.add_argument("--chunked", action="store_true")
    given = parser.parse_args()
    write(given.folder, given.share, (512, 4096) if given.full_width else (512,), given.chunked)


if __name__ == "__main__":
    main()
