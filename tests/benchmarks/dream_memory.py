"""Memory of DeepDream as the photograph grows: the network sees a tile at a time, so only the pictures themselves should.

    python tests/benchmarks/dream_memory.py [MEGAPIXELS ...]

For each size, in a process of its own: the peak of memory in MB, by how much it is above the process before the dream, and
that per megapixel above the first size; 4 octaves, 1 step in each.
"""

import resource
import subprocess
import sys
import time
from collections import deque

import numpy as np

SIZES = (0.5, 1, 2, 4, 8)


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def dream(megapixels):
    from phosphene_cnn import CNN
    from phosphene_deepdream import DeepDream
    from phosphene_objectives import LayerActivation

    model = CNN.pretrained()
    height = round((megapixels * 1e6 * 3 / 4) ** 0.5)
    photo = np.random.default_rng(0).integers(0, 256, (height, height * 4 // 3, 3), np.uint8)
    images = model.preprocess([photo], square=False)
    del photo
    objective = LayerActivation("conv5").bound(model, images[..., :384, :384])
    before, started = peak(), time.perf_counter()
    deque(DeepDream(steps=1).frames(model, images, objective, np.random.default_rng(0)), maxlen=1)
    print(f"{peak():.0f} {peak() - before:.0f} {time.perf_counter() - started:.0f}")


def main(sizes):
    print("megapixels    peak MB   of it the dream   seconds")
    found = []
    for size in sizes:
        run = [sys.executable, __file__, "--one", str(size)]
        at, grown, seconds = subprocess.run(run, capture_output=True, text=True, check=True).stdout.split()
        found.append((size, float(grown)))
        print(f"{size:10g} {at:>10s} {grown:>17s} {seconds:>9s}", flush=True)
    (s0, m0), (s1, m1) = found[0], found[-1]
    if s1 > s0:
        print(f"{(m1 - m0) / (s1 - s0):.0f} MB more per megapixel; a picture of one is 12 MB in single precision")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        dream(float(sys.argv[2]))
    else:
        main([float(a) for a in sys.argv[1:]] or SIZES)
