"""An optimizer with a state and pictures that are quickly learnt, to try the trainer on: no plugin is needed."""

from collections.abc import Mapping

import attrs
import numpy as np

from phosphene_core.dataset import Batch, Dataset
from phosphene_core.layer import Array, Params
from phosphene_core.optimizer import Optimizer, State
from phosphene_core.options import option


@attrs.frozen
class TinyMomentum(Optimizer):
    """Gradient descent with momentum: an optimizer with a state."""

    learning_rate: float = option(0.05, "step size")

    def start(self, params: Params) -> State:
        return {k: np.zeros_like(v) for k, v in params.items()}

    def update(self, params: dict[str, Array], grads: Mapping[str, Array], state: State, scale: float = 1.0) -> None:
        for k, g in grads.items():
            state[k] *= 0.9
            state[k] += g
            params[k] -= self.learning_rate * scale * state[k]


@attrs.frozen
class TinyColours(Dataset):
    """Flat pictures for a `TinyClassifier`, noisy in training; the class is the strongest channel."""

    count: int = option(40, "pictures")

    def size(self, split: str) -> int:
        return self.count

    def batch(self, split: str, rows: Array, rng: np.random.Generator | None = None) -> Batch:
        images, labels = [], []
        for row in rows:
            own = np.random.default_rng([row, len(split)])
            label = int(own.integers(3))
            image = own.standard_normal((3, 12, 12)) * 0.3
            image[label] += 1
            images.append(image)
            labels.append(label)
        stack = np.array(images, np.float32).reshape(-1, 3, 12, 12)
        if rng is not None:
            stack += 0.1 * rng.standard_normal(stack.shape).astype(np.float32)
        return {"images": stack, "labels": np.array(labels, int)}
