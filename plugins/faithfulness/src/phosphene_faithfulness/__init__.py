"""Is the map right? Measures of how faithful an attribution is to the model."""

from phosphene_faithfulness.curves import area, deletion, insertion
from phosphene_faithfulness.infidelity import infidelity
from phosphene_faithfulness.pointing import overlaps, points
from phosphene_faithfulness.questions import Questions
from phosphene_faithfulness.randomization import Randomization, randomized
from phosphene_faithfulness.references import Edges, RandomMap
from phosphene_faithfulness.sensitivity import max_sensitivity

__all__ = [
    "Edges", "Questions", "RandomMap", "Randomization", "area", "deletion", "infidelity", "insertion", "max_sensitivity",
    "overlaps", "points", "randomized",
]  # fmt: skip
