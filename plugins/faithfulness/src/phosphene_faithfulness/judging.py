"""The measures of one technique, over all questions."""

from typing import Any

import attrs
import numpy as np

from phosphene_core.layer import Array
from phosphene_core.model import ImageModel
from phosphene_core.objective import Objective
from phosphene_core.technique import Attribution
from phosphene_faithfulness.curves import area, deletion, insertion
from phosphene_faithfulness.infidelity import infidelity
from phosphene_faithfulness.pointing import overlaps, points
from phosphene_faithfulness.questions import Questions
from phosphene_faithfulness.randomization import Randomization, randomized
from phosphene_faithfulness.sensitivity import max_sensitivity

SOME = 8
"""For how many questions the measures are taken that need many maps of each picture."""


@attrs.frozen(eq=False)
class Verdict:
    """What was measured of one technique. `values`: each measure's number per question (NaN: it has none there).
    `curves`: deletion and insertion, (N, points). `cascade`: the randomization check on the first questions.
    `maps`: those of the first questions."""

    name: str
    values: dict[str, Array]
    curves: dict[str, Array]
    cascade: Randomization
    maps: Array

    def mean(self, measure: str) -> float:
        """A measure's mean over the questions; NaN if it has none."""
        known = self.values.get(measure, np.zeros(0))
        known = known[np.isfinite(known)]
        return float(known.mean()) if len(known) else float("nan")

    def error(self, measure: str) -> float:
        """The standard error of that mean."""
        known = self.values.get(measure, np.zeros(0))
        known = known[np.isfinite(known)]
        return float(known.std(ddof=1) / np.sqrt(len(known))) if len(known) > 1 else float("nan")


@attrs.frozen
class Seeded:
    """A technique that draws the same noise each time it is asked."""

    technique: Attribution
    seed: int

    def __call__(self, model: ImageModel, images: Array, objective: Objective) -> Array:
        return self.technique.attribute(model, images, objective, np.random.default_rng(self.seed)).maps


def judge(name: str, technique: Attribution, asked: list[Questions], seed: int, margin: int) -> Verdict:
    """Every measure of a technique; the same seed draws the same squares, noise and weights for each technique."""
    maps = Seeded(technique, seed)
    values: dict[str, list[Any]] = {}
    curves: dict[str, list[Array]] = {"deletion": [], "insertion": []}
    kept: list[Array] = []
    some = first(asked, SOME)
    for questions in asked:
        own = maps(questions.model, questions.images, questions.objective)
        kept.append(own)
        for measure, curve in (("deletion", deletion), ("insertion", insertion)):
            curves[measure].append(curve(questions, own, np.random.default_rng(seed)))
            values.setdefault(measure, []).extend(area(curves[measure][-1]))
        values.setdefault("infidelity", []).extend(infidelity(questions, own, np.random.default_rng(seed)))
        if questions.masks is not None:
            values.setdefault("pointing", []).extend(points(own, questions.masks, margin).astype(float))
            values.setdefault("overlap", []).extend(overlaps(own, questions.masks))
    cascades = [randomized(q, maps, np.random.default_rng(seed)) for q in some]
    for questions in some:
        found = max_sensitivity(questions, maps, np.random.default_rng(seed))
        values.setdefault("sensitivity", []).extend(found)
    cascade = Randomization(
        cascades[0].layers, np.concatenate([c.maps for c in cascades], axis=1),
        np.concatenate([c.similarity for c in cascades], axis=1),
    )  # fmt: skip
    values["randomization"] = list(cascade.similarity.mean(axis=0))
    return Verdict(
        name, {k: np.array(v) for k, v in values.items()}, {k: np.concatenate(v) for k, v in curves.items()}, cascade,
        np.concatenate(kept)[:SOME],
    )  # fmt: skip


def first(asked: list[Questions], count: int) -> list[Questions]:
    """The first `count` questions."""
    found: list[Questions] = []
    for questions in asked:
        left = count - sum(map(len, found))
        if left > 0:
            found.append(questions.first(left))
    return found
