"""What the course's data costs at full size: seconds until a run with 50 captions has ended, and the most memory it had.

    python tests/benchmarks/make_coco_captioning.py /tmp/full --full-width
    python tests/benchmarks/captions_at_full_size.py /tmp/full

Each line is a command of its own. Peak memory counts the parts of files that are mapped, too.
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CASES = {
    "train on 50 captions, 512 columns": ("train", "", ["--max-train", "50", "--max-val", "50", "--batch-size", "25"]),
    "train on 50 captions, 4,096 columns": ("train", ",pca=no", ["--max-train", "50", "--max-val", "50", "--batch-size", "25"]),
    "train on 20,000 captions, 512 columns": ("train", "", ["--max-train", "20000", "--max-val", "1000"]),
    "train on 20,000 captions, 4,096 columns": ("train", ",pca=no", ["--max-train", "20000", "--max-val", "1000"]),
    "evaluate 10,000 captions and pictures": ("evaluate", ",pca=no", ["--limit", "10000"]),
}


def peak() -> float:
    """The most memory, in MB, that any child has had so far."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def main(folder: Path) -> None:
    if len(sys.argv) > 2:  # one case, in a process of its own, so that its peak is its own
        begin = time.perf_counter()
        subprocess.run(sys.argv[2:], check=True, capture_output=True)
        print(f"{time.perf_counter() - begin:10.1f}{peak():10,.0f}")
        return
    print(f"{'':42}{'seconds':>10}{'peak MB':>10}")
    with tempfile.TemporaryDirectory() as runs:
        for number, (name, (what, settings, more)) in enumerate(CASES.items()):
            data = ["--data", f"coco:{folder}{settings}"]
            run = ["train", "captioner", *data, "--epochs", "1", "-o", f"{runs}/{number}", *more]
            command = run if what == "train" else ["evaluate", f"{runs}/3/best.h5", *data, *more]
            told = subprocess.run(
                [sys.executable, __file__, str(folder), sys.executable, "-m", "phosphene_registry.main", *command],
                capture_output=True, text=True, check=True,
            )  # fmt: skip
            print(f"{name:42}{told.stdout.rstrip()}", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
