"""What every model promises."""

from typing import Any

import attrs
import numpy as np

from phosphene_core.dataset import Batch
from phosphene_core.layer import Array, Need, Pass
from phosphene_core.model import ImageModel, Model
from phosphene_core.testing.contract import ContractError, example_of, require, unchanged


def check_model(model: Model | type[Model], batch: Batch | None = None, *, tolerance: float = 1e-5) -> None:
    """Hold a model to its contract, on its own `example(rng) -> (model, batch)` if a class is given.

    Checked: the same seed gives the same parameters; the loss's gradients against a directional derivative in
    float64; `need`; nothing changed by use; for image models, named activations that end in the class scores.
    """
    rng = np.random.default_rng(11)
    if isinstance(model, type):
        model, batch = example_of(model, rng, lambda made: (made, None))
    assert isinstance(model, Model)
    model = model.initialized(np.random.default_rng(3))
    again = model.initialized(np.random.default_rng(3))
    require(all(np.array_equal(v, again.params[k]) for k, v in model.params.items()), "the same seed, other parameters")
    batch = _some_batch(model, rng) if batch is None else batch
    exact = attrs.evolve(model, params={k: v.astype(np.float64) for k, v in model.params.items()})
    batch = {k: v.astype(np.float64) if v.dtype.kind == "f" else v for k, v in batch.items()}

    def loss(m: Model, need: Need = Need.NOTHING) -> tuple[float, dict[str, float], dict[str, Any]]:
        return m.loss(batch, Pass(train=True, rng=np.random.default_rng(5), need=need))

    with unchanged("the loss changed the parameters or the batch", dict(exact.params), dict(batch)):
        value, _, grads = loss(exact, Need.PARAMS)
    require(abs(loss(exact)[0] - value) <= 1e-12 * max(1, abs(value)), "a pass that needs nothing gave another loss")
    trainable = [k for k in exact.params if k not in model.buffers]
    for name in trainable:
        require(name in grads, f"the loss gave no gradient for {name}")
        direction: Array = np.asarray(rng.standard_normal(exact.params[name].shape))
        size = 1e-6 / max(1e-12, float(np.linalg.norm(direction)))
        up, down = (attrs.evolve(exact, params={**exact.params, name: exact.params[name] + s * direction})
                    for s in (size, -size))  # fmt: skip
        numeric = (loss(up)[0] - loss(down)[0]) / (2 * size)
        exactly = float((grads[name] * direction).sum())
        require(
            abs(numeric - exactly) <= tolerance * max(1.0, abs(numeric)) * 10,
            f"the gradient of {name} along a random direction is {exactly:.6g}; the central difference is {numeric:.6g}",
        )
    if isinstance(model, ImageModel):
        trace = model.trace(batch["images"].astype(np.float32))
        scores = trace[model.scores]
        require(scores.ndim == 2 and len(scores) == len(batch["images"]), "the last activation must be (N, classes)")
        require(scores.dtype == np.float32, f"float32 pictures gave {scores.dtype} scores")


def _some_batch(model: Model, rng: np.random.Generator) -> Batch:
    if not isinstance(model, ImageModel):
        raise ContractError(f"{type(model).__name__} needs a classmethod example(rng) -> (model, batch) to be checked")
    images = rng.standard_normal((3, *model.input_shape)) * 50
    classes = model.trace(images[:1].astype(np.float32), run=Pass(need=Need.NOTHING))[model.scores].shape[1]
    return {"images": images, "labels": rng.integers(0, classes, 3)}
