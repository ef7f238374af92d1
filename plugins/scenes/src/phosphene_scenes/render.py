"""Layouts to pixels: smooth backgrounds, and shapes drawn by their distance to each pixel's centre, so that edges are
anti-aliased at any size."""

from collections.abc import Iterator
from functools import cache

import attrs
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from phosphene_core.layer import Array
from phosphene_scenes.layout import COLOURS, RADII, Layout
from phosphene_scenes.shapes import SHAPES

TILE = 128
TINT = 18
TILT = {"circle": 0.0, "ring": 0.0}
MOST_TILT = np.deg2rad(12)


@attrs.frozen
class Patch:
    """The k-th thing of some scenes: which scenes, the top left pixel of a square around it, and there (M, P, P) how
    much of each pixel it covers."""

    rows: Array
    top: Array
    left: Array
    cover: Array
    colour: Array  # (M, 3)


def render(layout: Layout, size: int) -> Array:
    """Pictures (N, 3, size, size) uint8."""
    canvas = background(layout, size)
    for patch in patches(layout, size):
        side = patch.cover.shape[1]
        windows = sliding_window_view(canvas, (side, side), axis=(2, 3), writeable=True)
        under = windows[patch.rows, :, patch.top, patch.left]
        under += patch.cover[:, None] * (patch.colour[:, :, None, None] - under)
        windows[patch.rows, :, patch.top, patch.left] = under
    np.rint(canvas, out=canvas)
    return np.clip(canvas, 0, 255, out=canvas).astype(np.uint8)


def covered(layout: Layout, size: int) -> Array:
    """The pixels (N, K, size, size), bool, that each thing touches, if only at its edge."""
    masks = np.zeros((len(layout.count), layout.shape.shape[1], size, size), bool)
    for k, patch in enumerate(patches(layout, size)):
        side = patch.cover.shape[1]
        windows = sliding_window_view(masks, (side, side), axis=(2, 3), writeable=True)
        windows[patch.rows, k, patch.top, patch.left] = patch.cover > 0
    return masks


def patches(layout: Layout, size: int) -> Iterator[Patch]:
    """The first things of all scenes, then the second ones, ..."""
    g = layout.grammar
    reach = np.array([SHAPES[s][0] for s in g.shapes])
    colours = np.array([COLOURS[c] for c in g.colours], np.float32)
    side = min(size, int(np.ceil(2 * size * max(RADII["large"]) * reach.max())) + 3)
    for k in range(layout.shape.shape[1]):
        rows = np.flatnonzero(layout.count > k)
        x, y, kind = layout.x[rows, k] * size, layout.y[rows, k] * size, layout.shape[rows, k]
        top, left = (np.clip(np.floor(c - side / 2), 0, size - side).astype(np.intp) for c in (y, x))
        cover = np.zeros((len(rows), side, side), np.float32)
        for index, name in enumerate(g.shapes):
            these = np.flatnonzero(kind == index)
            across = layout.radius[rows[these], k] * reach[index] * size
            turn = layout.turn[rows[these], k] * TILT.get(name, MOST_TILT)
            cover[these] = _cover(name, x[these] - left[these], y[these] - top[these], across, turn, side)
        colour = colours[layout.colour[rows, k]] + TINT * layout.tint[rows, k].astype(np.float32)
        yield Patch(rows, top, left, cover, colour)


def _cover(name: str, x: Array, y: Array, reach: Array, turn: Array, side: int) -> Array:
    """How much (M, side, side) of each pixel a shape covers; x, y and reach in pixels."""
    x, y, reach, cos, sin = (a.astype(np.float32)[:, None, None] for a in (x, y, reach, np.cos(turn), np.sin(turn)))
    centres = np.arange(side, dtype=np.float32) + np.float32(0.5)
    right, down = (centres[None, None, :] - x) / reach, (centres[None, :, None] - y) / reach
    distance = SHAPES[name][1](right * cos + down * sin, down * cos - right * sin) * reach
    return np.clip(np.float32(0.5) - distance, 0, 1)


def background(layout: Layout, size: int) -> Array:
    """Muted colours that change smoothly, from plain to blotchy, with some grain: (N, 3, size, size) float32."""
    g = layout.ground.astype(np.float32)
    grey = 75 + 115 * g[:, :1]
    base = grey + 24 * (g[:, 1:4] - np.float32(0.5))
    blotches = g[:, 5:53].reshape(-1, 3, 4, 4) - np.float32(0.5)
    blotches = (blotches + blotches.mean(axis=1, keepdims=True)) * (50 * g[:, 4, None, None, None])
    spread = _spread(size)
    canvas = spread @ (blotches + base[:, :, None, None]) @ spread.T
    at = (layout.ground[:, 53:55] * TILE).astype(np.intp)
    canvas += (_grain(size)[at[:, 0], at[:, 1]] * (8 * g[:, 55, None, None]))[:, None]
    return canvas


@cache
def _spread(size: int) -> Array:
    """(size, 4): the weights of four values along a side in each pixel; smooth, and they add up to 1."""
    place = np.linspace(0, 3, size)[:, None] - np.arange(4)
    return np.where(np.abs(place) < 1, (1 + np.cos(np.pi * place)) / 2, 0).astype(np.float32)


@cache
def _grain(size: int) -> Array:
    """Windows (TILE, TILE, size, size) into one tile of noise, repeated."""
    tile = np.random.default_rng(0).uniform(-1, 1, (TILE, TILE)).astype(np.float32)
    return sliding_window_view(np.pad(tile, (0, size), mode="wrap"), (size, size))
