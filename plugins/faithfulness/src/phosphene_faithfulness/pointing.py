"""Whether the map lies on the thing that is asked about, where its pixels are known."""

import numpy as np

from phosphene_core.layer import Array


def points(maps: Array, masks: Array, margin: int = 0) -> Array:
    """The pointing game: whether each map's (N, H, W) highest pixel lies in the mask (N, H, W), or at most `margin`
    pixels from it: (N,) bool. A map that is the same everywhere points nowhere. Zhang et al. 2016."""
    flat = maps.reshape(len(maps), int(np.prod(maps.shape[1:])))
    row, column = np.divmod(flat.argmax(axis=1), maps.shape[2]) if len(flat) else (np.zeros(0, int),) * 2
    hits = [
        bool(mask[max(0, y - margin) : y + margin + 1, max(0, x - margin) : x + margin + 1].any())
        for mask, y, x in zip(masks, row, column, strict=True)
    ]
    return np.array(hits, bool) & (np.ptp(flat, axis=1) > 0 if len(flat) else True)


def overlaps(maps: Array, masks: Array) -> Array:
    """The intersection over union of each mask (N, H, W) and as many of its map's highest pixels as the mask has: (N,),
    1 where they are the same."""
    shares = []
    for values, mask in zip(maps, masks, strict=True):
        size = int(mask.sum())
        highest = np.argpartition(-values, max(size - 1, 0), axis=None)[:size]
        common = int(mask.reshape(-1)[highest].sum())
        shares.append(common / max(1, 2 * size - common))
    return np.array(shares)
