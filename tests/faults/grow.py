"""Runs `phosphene run` again and again in one process, as a library would be used, and tells how its memory grows.

`python tests/faults/grow.py --runs 1000 [--technique saliency]`: the resident size after every tenth of the runs; fails if
it grows by more than `--most` bytes a run from the first tenth to the end.
"""

import argparse
import contextlib
import io
import resource
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from phosphene_registry.process import run
from phosphene_registry.registry import Registry


def resident() -> int:
    """Bytes of memory that the process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--technique", default="saliency")
    parser.add_argument("--most", type=int, default=2000, help="bytes that a run may leave behind")
    parser.add_argument("more", nargs="*", help="further arguments of the run, after --")
    asked = parser.parse_args()
    registry = Registry()
    marks = []
    with tempfile.TemporaryDirectory() as folder:
        photo = Path(folder) / "photo.png"
        y, x = np.mgrid[0:1:48j, 0:1:64j]
        Image.fromarray((255 * np.stack([x, y, x * y], axis=2)).astype(np.uint8)).save(photo)
        for number in range(1, asked.runs + 1):
            with contextlib.redirect_stdout(io.StringIO()):
                code = run(["run", asked.technique, str(photo), "-o", f"{folder}/out", *asked.more], registry)
            if code:
                return 2
            if number % max(1, asked.runs // 10) == 0:
                marks.append(resident())
                print(f"after {number} runs: {marks[-1] / 1e6:.1f} MB", flush=True)
    grown = (marks[-1] - marks[0]) / (0.9 * asked.runs)
    print(f"{grown:,.0f} bytes a run")
    return 1 if grown > asked.most else 0


if __name__ == "__main__":
    sys.exit(main())
