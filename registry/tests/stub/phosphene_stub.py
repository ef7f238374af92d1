"""A small plugin of every kind, for the tests of the registry and of the command line."""

from typing import Any, ClassVar

import attrs
import numpy as np

from phosphene_core import Attribution, Dataset, Frame, Generation, Objective, Optimizer, Result, hookimpl, option
from phosphene_core.objective import image_gradient
from phosphene_core.testing import TinyClassifier, tiny_classifier, tiny_pictures
from phosphene_core.testing.tiny import Mix


@attrs.frozen
class StubModel(TinyClassifier):
    """A tiny classifier of five classes. It brings its own weights."""

    gain: float = option(1.0, "a number that changes nothing", gt=0)

    @classmethod
    def pretrained(cls) -> "StubModel":
        tiny = tiny_classifier()
        return cls(params=tiny.params, mean=tiny.mean, class_names=tiny.class_names, class_ids=tiny.class_ids)


@attrs.frozen
class StubDescent(Optimizer):
    """Steps against the gradient."""

    learning_rate: float = option(1e-4, "step size", gt=0)
    decay: float = option(0.0, "share of the weights that is taken away at each step", ge=0)

    def start(self, params: Any) -> dict[str, Any]:
        return {}

    def update(self, params: Any, grads: Any, state: Any, scale: float = 1.0) -> None:
        for name, gradient in grads.items():
            params[name] -= scale * self.learning_rate * (gradient + self.decay * params[name])


@attrs.frozen
class StubScore(Objective):
    """The score of one class."""

    target: str = option("", "class name, id or index; empty: what the model says")

    def bound(self, model: Any, images: Any) -> "StubScore":
        if self.target:
            return StubScore(str(model.class_index(self.target)))
        return StubScore(str(int(model.predict(images).mean(axis=0).argmax())))

    def __call__(self, trace: Any) -> Any:
        scores = trace["scores"]
        seed = np.zeros_like(scores)
        seed[:, int(self.target)] = 1
        return scores[:, int(self.target)], {"scores": seed}

    def describe(self, model: Any) -> str:
        return f"class {model.class_names[int(self.target)]}"


@attrs.frozen
class StubChannel(Objective):
    """The mean of one channel of a layer."""

    layer: str = option(help="the layer's name")
    channel: int = option(help="the channel's number", ge=0)

    @classmethod
    def example(cls, rng: Any) -> "StubChannel":
        return cls("conv1", 0)

    def upto(self, model: Any) -> str:
        return self.layer

    def __call__(self, trace: Any) -> Any:
        activation = trace[self.layer]
        seed = np.zeros_like(activation)
        seed[:, self.channel] = 1 / activation[0, 0].size
        return activation[:, self.channel].mean(axis=(1, 2)), {self.layer: seed}


@attrs.frozen
class StubMap(Attribution):
    """The gradient's size at every pixel.

    A second paragraph with [brackets] in it.
    """

    paper: ClassVar[str] = "Nobody, never"
    objective: ClassVar[str] = "stub_score"
    sharpness: float = option(1.0, "exponent of the map", gt=0, le=4)
    flavour: str = option("plain", "kind of map", choices=("plain", "zero", "nan", "signed"))
    smooth: bool = option(False, "blur the map [a little]")

    def attribute(self, model: Any, images: Any, objective: Any, rng: Any) -> Result:
        gradient, values = image_gradient(model, images, objective)
        maps = gradient.sum(axis=1) if self.flavour == "signed" else np.abs(gradient).max(axis=1) ** self.sharpness
        if self.flavour == "zero":
            maps = np.zeros_like(maps)
        if self.flavour == "nan":
            maps = maps * np.nan
        return Result(maps, values)


@attrs.frozen
class StubClimb(Generation):
    """Climbs the objective."""

    objective: ClassVar[str] = "stub_score"
    steps: int = option(4, "steps", ge=1)

    def frames(self, model: Any, images: Any, objective: Any, rng: Any) -> Any:
        for step in range(1, self.steps + 1):
            gradient, values = image_gradient(model, images, objective)
            images = images + 20 * gradient / (np.abs(gradient).max() + 1e-12)
            yield Frame(step, self.steps, images, values)


@attrs.frozen
class StubNoise(StubClimb):
    """Climbs from noise: it needs no picture."""

    picture: ClassVar[str] = "none"


@attrs.frozen
class StubData(Dataset):
    """Made pictures in five classes."""

    path: str = option("", "nothing is read from here")
    count: int = option(40, "examples per split", ge=0)

    def size(self, split: str) -> int:
        return self.count

    def batch(self, split: str, rows: Any, rng: Any = None) -> Any:
        pictures = tiny_pictures(max(1, self.count), seed=split == "val")[rows]
        labels = pictures.reshape(len(rows), -1)[:, :3].argmax(axis=1) if len(rows) else np.zeros(0, int)
        return {"images": pictures.transpose(0, 3, 1, 2).astype(np.float32) - 120, "labels": labels}

    def facts(self) -> dict[str, Any]:
        tiny = tiny_classifier()
        return {"mean": tiny.mean, "class_names": tiny.class_names, "class_ids": tiny.class_ids}


@hookimpl
def register_layers(register: Any) -> None:
    register("stub_mix", Mix)


@hookimpl
def register_models(register: Any) -> None:
    register("stub_model", StubModel)


@hookimpl
def register_optimizers(register: Any) -> None:
    register("stub_descent", StubDescent)


@hookimpl
def register_objectives(register: Any) -> None:
    register("stub_score", StubScore)
    register("stub_channel", StubChannel)


@hookimpl
def register_techniques(register: Any) -> None:
    register("stub_map", StubMap)
    register("stub_climb", StubClimb)
    register("stub_noise", StubNoise)


@hookimpl
def register_datasets(register: Any) -> None:
    register("stub_data", StubData)


@hookimpl
def register_commands(app: Any, registry: Any) -> None:
    @app.command("stub")
    def stub() -> None:
        """Say hello."""
        print("hello from the stub")

    app.add_training("stubber", StubModel, optimizer="stub_descent", help="Train a stub.")
