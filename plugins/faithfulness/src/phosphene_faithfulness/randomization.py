"""Whether the map depends on what the model has learned: its layers get random weights, one after the other from the
top, and a map that shows the model must change. Adebayo et al. 2018."""

from collections.abc import Iterator

import attrs
import numpy as np

from phosphene_core.layer import Array
from phosphene_core.model import ImageModel
from phosphene_faithfulness.questions import Maps, Questions
from phosphene_faithfulness.similarity import similarity


@attrs.frozen(eq=False)
class Randomization:
    """`layers`, from the top: those that are random from then on. `maps` (1 + layers, N, H, W): with all weights learned,
    then with the first layer random, the first two, ... `similarity` (layers, N): how like the first map each later one
    looks, from 1 for the same to about 0 for another."""

    layers: tuple[str, ...]
    maps: Array
    similarity: Array


def randomized(questions: Questions, maps: Maps, rng: np.random.Generator) -> Randomization:
    """The cascade of a technique's maps. Layers get the weights that they would have before training."""
    original = maps(questions.model, questions.images, questions.objective)
    names, found = [], [original]
    for name, model in cascade(questions.model, rng):
        names.append(name)
        found.append(maps(model, questions.images, questions.objective))
    alike = np.array([similarity(original, later) for later in found[1:]])
    return Randomization(tuple(names), np.stack(found), alike)


def cascade(model: ImageModel, rng: np.random.Generator) -> Iterator[tuple[str, ImageModel]]:
    """The layers with weights from the top down, each with the model in which it and all above it are random."""
    fresh = model.initialized(rng).params
    owners = dict.fromkeys(name.split(".")[0] for name in model.params)
    above = [name for name in owners if name not in model.activations]  # what speaks lies above what sees
    params = dict(model.params)
    for layer in [*above, *(name for name in reversed(model.activations) if name in owners)]:
        params |= {k: v for k, v in fresh.items() if k.split(".")[0] == layer}
        yield layer, attrs.evolve(model, params=dict(params))
