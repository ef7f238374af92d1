"""What every model promises."""

import json
from typing import Any

import attrs
import numpy as np

from phosphene_core.dataset import Batch
from phosphene_core.errors import PhospheneError
from phosphene_core.layer import Array, Need, Pass
from phosphene_core.model import ImageModel, Model
from phosphene_core.modelfile import pack, unpack
from phosphene_core.options import build, settings_of
from phosphene_core.testing.contract import ContractError, example_of, identical, require, unchanged


def check_model(model: Model | type[Model], batch: Batch | None = None, *, tolerance: float = 1e-5) -> None:
    """Hold a model to its contract, on its own `example(rng) -> (model, batch)` if a class is given.

    Checked: the same seed gives the same parameters; the loss's gradients against a directional derivative in
    float64; `need`; nothing changed by use; what its file keeps makes it again; for image models, named activations
    that end in the class scores, and the gradient of a score by the pictures.
    """
    rng = np.random.default_rng(11)
    if isinstance(model, type):
        model, batch = example_of(model, rng, lambda made: (made, None))
    assert isinstance(model, Model)
    model = model.initialized(np.random.default_rng(3))
    again = model.initialized(np.random.default_rng(3))
    identical(model.params, again.params, "initialized gave other values of {} for the same seed")
    for name in model.buffers:
        require(name in model.params, f"the buffer '{name}' is not among the parameters")
    batch = _some_batch(model, rng) if batch is None else batch
    _check_loss(model, batch, rng, tolerance)
    _check_file(model)
    if isinstance(model, ImageModel):
        _check_scores(model, batch["images"], rng)


def _check_loss(model: Model, batch: Batch, rng: np.random.Generator, tolerance: float) -> None:
    exact = attrs.evolve(model, params={k: v.astype(np.float64) for k, v in model.params.items()})
    batch = {k: v.astype(np.float64) if v.dtype.kind == "f" else v for k, v in batch.items()}

    def loss(m: Model, need: Need = Need.NOTHING) -> tuple[float, dict[str, float], dict[str, Any]]:
        made = m.loss(batch, Pass(train=True, rng=np.random.default_rng(5), need=need))
        right = isinstance(made, tuple) and len(made) == 3
        require(right, f"loss must return (loss, measures, gradients), not {type(made).__name__}")
        return made

    with unchanged("the loss", the_parameter=dict(exact.params), the_batch_of=dict(batch)):
        value, _, grads = loss(exact, Need.PARAMS)
    require(bool(np.isfinite(value)), f"the loss of its example is {value}")
    require(abs(loss(exact)[0] - value) <= 1e-12 * max(1, abs(value)), "a pass that needs nothing gave another loss")
    trainable = [k for k in exact.params if k not in model.buffers]
    for name in grads:
        require(name in trainable, f"the loss gave a gradient for {name}, which is no parameter to be trained")
    for name in trainable:
        require(name in grads, f"the loss gave no gradient for {name}")
        want, got = exact.params[name].shape, np.shape(grads[name])
        require(got == want, f"the gradient of {name} has shape {got}, not {want}")
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


def _check_file(model: Model) -> None:
    """What `save_model` would write is JSON, and makes the same model again."""
    about, groups = pack(model)
    known = {type(v).__name__: type(v) for v in _inside(model)}

    def resolve(kind: type, value: Any) -> Any:
        return build(known[value["class"]], {k: v for k, v in value.items() if k != "class"}, resolve=resolve)

    try:
        found = unpack(json.loads(json.dumps(about)), groups, {type(model).__name__: type(model)}, resolve, "its file")
    except (PhospheneError, TypeError, KeyError) as error:
        raise ContractError(f"it does not come back from its model file: {error}") from None
    for name, value in settings_of(model).items():
        got = settings_of(found)[name]
        require(got == value, f"its model file brings the setting '{name}' back as {got!r}, not {value!r}")


def _inside(thing: Any) -> list[Any]:
    """A thing and every attrs object in its fields."""
    inner = [getattr(thing, f.name) for f in attrs.fields(type(thing))]
    flat = [v for value in inner for v in (value if isinstance(value, tuple) else (value,))]
    return [thing, *(deep for v in flat if attrs.has(type(v)) for deep in _inside(v))]


def _check_scores(model: ImageModel, images: Array, rng: np.random.Generator) -> None:
    scores = model.trace(images.astype(np.float32))[model.scores]
    require(scores.ndim == 2 and len(scores) == len(images), f"'{model.scores}' must be (N, classes), not {scores.shape}")
    require(scores.dtype == np.float32, f"float32 pictures gave {scores.dtype} scores")
    exact = attrs.evolve(model, params={k: v.astype(np.float64) for k, v in model.params.items()})
    images = images.astype(np.float64)
    trace = exact.trace(images)
    seed = np.zeros(trace[model.scores].shape)
    seed[:, 0] = 1
    gradient, _ = trace.backward({model.scores: seed})
    require(np.shape(gradient) == images.shape, f"the gradient by the pictures has shape {np.shape(gradient)}, not {images.shape}")
    direction = rng.standard_normal(images.shape)
    size = 1e-5
    high, low = (exact.trace(images + s * direction)[model.scores][:, 0].sum() for s in (size, -size))
    numeric, exactly = float(high - low) / (2 * size), float((gradient * direction).sum())
    require(
        abs(numeric - exactly) <= 1e-4 * max(1.0, abs(numeric)),
        f"the gradient of a score by the pictures is {exactly:.6g} along a random direction; "
        f"the central difference is {numeric:.6g}",
    )


def _some_batch(model: Model, rng: np.random.Generator) -> Batch:
    if not isinstance(model, ImageModel):
        raise ContractError(f"{type(model).__name__} needs a classmethod example(rng) -> (model, batch) to be checked")
    images = rng.standard_normal((3, *model.input_shape)) * 50
    classes = model.trace(images[:1].astype(np.float32), run=Pass(need=Need.NOTHING))[model.scores].shape[1]
    return {"images": images, "labels": rng.integers(0, classes, 3)}
