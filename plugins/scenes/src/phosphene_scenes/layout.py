"""Which things stand where, for many scenes at once: each drawn from its own generator, so that any row is the same
whoever asks for it and with whom.

Everything is drawn as whole numbers (levels of 1/1024). A hash of what was drawn says in which split the scene is at
home, and scenes that are at home elsewhere are drawn again: no scene is in two splits, whatever the seeds.
"""

from collections.abc import Sequence

import attrs
import numpy as np

from phosphene_core.errors import SettingError
from phosphene_core.layer import Array
from phosphene_scenes.grammar import SIZES, Grammar
from phosphene_scenes.scene import Scene, Thing
from phosphene_scenes.shapes import SHAPES

COLOURS = {
    "red": (205, 40, 45), "green": (45, 150, 65), "blue": (45, 85, 205), "yellow": (235, 205, 40),
    "purple": (135, 60, 170), "orange": (240, 130, 30), "cyan": (60, 200, 215), "pink": (240, 130, 185),
    "brown": (120, 75, 40), "black": (25, 25, 28), "white": (245, 245, 245),
}  # fmt: skip
RADII = {"large": (0.16, 0.185), "small": (0.095, 0.115)}
LEVELS = 1024
MARGIN, GAP, SLANT = 0.02, 0.03, 0.6
TRIES, ROUNDS = 16, 2000
PER_THING, PER_GROUND = 8, 1 + 3 + 1 + 48 + 2 + 1
HOMES = ("train",) * 8 + ("val", "test")


@attrs.frozen
class Layout:
    """Scenes as arrays: N scenes of up to K things in the order of their captions; places and radii as shares of the
    side. Things from `count` on are not there."""

    grammar: Grammar
    count: Array  # (N,)
    shape: Array  # (N, K) index into the grammar's shapes
    colour: Array  # (N, K) index into the grammar's colours
    small: Array  # (N, K) index into SIZES
    x: Array  # (N, K)
    y: Array  # (N, K)
    radius: Array  # (N, K)
    turn: Array  # (N, K) in -1..1
    tint: Array  # (N, K, 3) in -1..1
    ground: Array  # (N, PER_GROUND) in 0..1

    def scene(self, row: int) -> Scene:
        g = self.grammar
        return Scene(
            tuple(
                Thing(
                    g.shapes[self.shape[row, k]], g.colours[self.colour[row, k]], SIZES[self.small[row, k]],
                    float(self.x[row, k]), float(self.y[row, k]), float(self.radius[row, k]),
                )
                for k in range(self.count[row])
            )
        )  # fmt: skip


def draw(grammar: Grammar, seed: int, split: str, rows: Sequence[int] | Array, novel: bool) -> Layout:
    """The scenes at `rows` of a split. `novel`: sentences, not only scenes, are at home in one split."""
    place = ("train", "val", "test").index(split)
    generators = [np.random.default_rng([seed, place, int(r)]) for r in rows]
    drawn: dict[str, Array] = {}
    left = np.arange(len(generators))
    for _ in range(ROUNDS):
        batch = _draw_once(grammar, [generators[i] for i in left])
        if not drawn:
            drawn = {k: v.copy() for k, v in batch.items()}
        fine = _different(batch) & (_home(grammar, batch, novel) == split)
        for name, values in drawn.items():
            values[left[fine]] = batch[name][fine]
        left = left[~fine]
        if not len(left):
            break
    else:
        raise SettingError("there are too few sentences to hold some out; use more shapes or colours, or novel=no")
    del drawn["across"], drawn["down"]
    for name in ("turn", "tint"):
        drawn[name] = drawn[name] / (LEVELS / 2) - 1
    drawn["ground"] = drawn["ground"] / LEVELS
    return Layout(grammar, **drawn)


def _draw_once(grammar: Grammar, generators: list[np.random.Generator]) -> dict[str, Array]:
    many = grammar.objects
    weights = np.arange(1, many + 1)  # two things say more than one: n things come n times as often as one
    fields = 1 + PER_THING * many + PER_GROUND
    levels = _stack([g.integers(0, LEVELS, fields) for g in generators], (fields,))
    count = 1 + np.searchsorted(weights.cumsum() / weights.sum(), levels[:, 0] / LEVELS, "right")
    things = levels[:, 1 : 1 + PER_THING * many].reshape(-1, many, PER_THING)
    shape = things[..., 0] * len(grammar.shapes) // LEVELS
    colour = things[..., 1] * len(grammar.colours) // LEVELS
    small = things[..., 2] * len(SIZES) // LEVELS
    low, high = (np.array([RADII[z][end] for z in SIZES])[small] for end in (0, 1))
    radius = (low + (high - low) * things[..., 3] / LEVELS) * (0.8 if many > 2 else 1.0)
    reach = radius * np.array([SHAPES[s][0] for s in grammar.shapes])[shape]
    places, order = _places(generators, count, reach, small)
    x, y = (reach + MARGIN + (1 - 2 * reach - 2 * MARGIN) * places[..., i] / (LEVELS - 1) for i in (0, 1))
    each = {"shape": shape, "colour": colour, "small": small, "x": x, "y": y, "radius": radius, "turn": things[..., 4],
            "across": places[..., 0], "down": places[..., 1]}  # fmt: skip
    each = {k: np.take_along_axis(v, order, axis=1) for k, v in each.items()}
    tint = np.take_along_axis(things[..., 5:8], order[..., None], axis=1)
    return {"count": count, **each, "tint": tint, "ground": levels[:, 1 + PER_THING * many :]}


def _places(generators: list[np.random.Generator], count: Array, reach: Array, small: Array) -> tuple[Array, Array]:
    """Places (N, K, 2) in levels at which things keep apart and their relations are plain to see, and the order (N, K)
    in which they are named."""
    many = reach.shape[1]
    places = np.zeros((len(generators), many, 2), np.int64)
    order = np.zeros((len(generators), many), np.int64)
    left = np.arange(len(generators))
    while len(left):
        tries = _stack([generators[i].integers(0, LEVELS, (TRIES, many, 2)) for i in left], (TRIES, many, 2))
        r = reach[left, None]
        at = (r + MARGIN)[..., None] + (1 - 2 * r - 2 * MARGIN)[..., None] * tries / (LEVELS - 1)
        absent = np.arange(many) >= count[left, None]
        named = np.argsort(np.where(absent, 9, 4 * small[left])[:, None] + at.sum(axis=-1), axis=-1, kind="stable")
        fine = _apart(np.take_along_axis(at, named[..., None], axis=2),
                      np.take_along_axis(np.broadcast_to(r, named.shape), named, axis=2), count[left])  # fmt: skip
        first = np.argmax(fine, axis=1)
        rows = np.arange(len(left))
        found = fine[rows, first]
        places[left[found]] = tries[rows, first][found]
        order[left[found]] = named[rows, first][found]
        left = left[~found]
    return places, order


def _apart(at: Array, reach: Array, count: Array) -> Array:
    """Which tries (N, T) are fine: no two things touch, and each lies plainly on one side of the next."""
    fine = np.ones(at.shape[:2], bool)
    for second in range(1, at.shape[2]):
        there = (count > second)[:, None]
        for first in range(second):
            away = np.abs(at[:, :, first] - at[:, :, second])
            clear = np.hypot(away[..., 0], away[..., 1]) >= reach[..., first] + reach[..., second] + GAP
            if second == first + 1:
                clear &= away.min(axis=-1) <= SLANT * away.max(axis=-1)
            fine &= clear | ~there
    return fine


def _different(batch: dict[str, Array]) -> Array:
    """Whether no two things of a scene have the same colour and shape."""
    kinds = batch["shape"] * 1000 + batch["colour"]
    many = kinds.shape[1]
    kinds = np.where(np.arange(many) < batch["count"][:, None], kinds, -1 - np.arange(many))
    kinds = np.sort(kinds, axis=1)
    return (kinds[:, 1:] != kinds[:, :-1]).all(axis=1)


def _home(grammar: Grammar, batch: dict[str, Array], novel: bool) -> Array:
    """The split in which each scene, or with `novel` each sentence, is at home: eight of ten in `train`."""
    fields = [batch["count"]]
    for k in range(grammar.objects):
        there = k < batch["count"]
        names = ("shape", "colour", "small") if novel else ("shape", "colour", "small", "across", "down")
        fields += [np.where(there, batch[n][:, k], 0) for n in names]
        if novel and k:
            right, down = (batch[n][:, k - 1] - batch[n][:, k] for n in ("x", "y"))
            way = 2 * (np.abs(right) > np.abs(down)) + np.where(np.abs(right) > np.abs(down), right > 0, down > 0)
            fields.append(np.where(there, way, 0))
    return np.array(HOMES)[_hash(fields) % len(HOMES)]


def _hash(fields: list[Array]) -> Array:
    """Numbers mixed well, after Steele, Lea and Flood 2014 (SplitMix64)."""
    h = np.zeros(fields[0].shape, np.uint64)
    for field in fields:
        h = (h ^ field.astype(np.uint64)) + np.uint64(0x9E3779B97F4A7C15)
        h = (h ^ (h >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        h = (h ^ (h >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        h ^= h >> np.uint64(31)
    return (h >> np.uint64(8)).astype(np.int64)


def _stack(arrays: list[Array], shape: tuple[int, ...]) -> Array:
    return np.stack(arrays) if arrays else np.zeros((0, *shape), np.int64)
