"""A layer is a differentiable function of its inputs and its parameters; it holds settings and nothing else."""

import enum
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import attrs
import numpy as np

from phosphene_core.epilogue import Epilogue
from phosphene_core.lookup import table_gradient

Array = np.ndarray[Any, np.dtype[Any]]
Params = Mapping[str, Array]
Grads = dict[str, Array]
Shape = tuple[int, ...]
Backward = Callable[[Any], tuple[Any, Grads]]
"""Takes the gradient of the output back: `backward(dy) -> (dx, grads)`; what was not needed is None or left out."""


class Need(enum.Flag):
    """Which gradients a pass will be asked for. A layer may keep and compute less; it may also ignore this."""

    NOTHING = 0
    INPUT = 1
    PARAMS = 2
    BOTH = 3


@attrs.frozen
class Pass:
    """What goes down with the data on one forward run.

    `train`: training behaviour (dropout drops, batch statistics are used). `rng`: the only source of randomness.
    `need`: the gradients that will be asked for. `buffers`: where a training pass hands back new buffer values.
    `progress`: how much of the training run is done, 0 to 1, for what changes on the way (scheduled sampling).
    """

    train: bool = False
    rng: np.random.Generator | None = None
    need: Need = Need.BOTH
    buffers: dict[str, Array] = attrs.field(factory=dict, repr=False)
    prefix: str = ""
    progress: float = 0.0

    def within(self, name: str, need: Need | None = None) -> "Pass":
        """The same pass as seen by the part called `name`."""
        need = self.need if need is None else need
        return Pass(self.train, self.rng, need, self.buffers, f"{self.prefix}{name}.", self.progress)

    def hand_back(self, buffer: str, value: Array) -> None:
        """Give the new value of a buffer to whoever drives the pass; the layer itself changes nothing."""
        self.buffers[self.prefix + buffer] = value


@attrs.frozen
class Layer(ABC):
    """A differentiable function. Subclasses are `@attrs.frozen` and hold only settings (`option(...)`).

    Parameters travel beside the layer in a flat dict; one layer serves many threads and many models. A layer with
    several inputs takes and returns tuples; the gradient of an integer input is None.
    """

    buffers: ClassVar[tuple[str, ...]] = ()
    """Names in `params` that no gradient belongs to (running statistics)."""

    @abstractmethod
    def init(self, rng: np.random.Generator, shape: Any) -> tuple[dict[str, Array], Any]:
        """Start values (float32, buffers included) and the output's shape for inputs of `shape`, both without the
        batch axis. `ShapeError` if the layer cannot take such an input."""

    @abstractmethod
    def forward(self, params: Params, x: Any, run: Pass) -> tuple[Any, Backward]:
        """The output for `x` (batch axis first) and the function that takes its gradient back."""

    def as_epilogue(self, params: Params, run: Pass) -> Epilogue | None:
        """What this layer does in this pass, where that is no more than a scale, a shift and a rectifier of its one
        input; None (the default) where it is more. Where nobody asks for the activation between and no gradients of
        parameters are needed, a chain hands it to the layer before."""
        return None

    def forward_with(
        self, params: Params, x: Any, run: Pass, epilogue: Epilogue
    ) -> tuple[Any, Backward] | None:
        """`forward` and then `epilogue`, in one go, without gradients of parameters; None (the default) if this layer
        gains nothing by that."""
        return None


@attrs.frozen
class RecurrentLayer(Layer):
    """A layer over time that can also go one step at a time.

    `forward` takes `(x, h0)` or `(x, h0, lengths)`: x (N, T, D), h0 (N, H), lengths (N,) integers (steps past a
    sequence's length cost nothing, their h is 0), and gives h (N, T, H). In the place of h0 may stand a whole state, the
    tuple that `start` gives; its gradient is a tuple then as well.
    """

    @abstractmethod
    def start(self, h0: Array) -> tuple[Array, ...]:
        """The state before the first step; its first array is h0 itself, further ones start at the paper's value."""

    def forward_words(self, params: Params, x: Any, run: Pass) -> tuple[Array, Backward]:
        """`forward` for inputs that are rows of a table: `(table, words, h0)` or `(table, words, h0, lengths)`, table
        (V, D), words (N, T) integers, for x = table[words]. `backward` gives the gradient of the table in the place of
        that of x. Layers may compute once what depends on the word alone; by default the rows are looked up."""
        table, words, *rest = x
        h, back = self.forward(params, (table[words], *rest), run)

        def backward(dh: Array) -> tuple[Any, Grads]:
            (dx, *others), grads = back(dh)
            flat = None if dx is None else dx.reshape(-1, table.shape[1])
            dtable = None if flat is None else table_gradient(words.reshape(-1), flat, len(table))
            return (dtable, None, *others), grads

        return h, backward

    def project(self, params: Params, x: Array) -> Array:
        """What a step takes of its input alone (x Wx + b, say), for inputs (..., D). Who steps through the same inputs
        again and again (words) computes it once. By default the input itself."""
        return x

    def prepared(self, params: Params) -> Params:
        """The parameters with what makes steps quick (weights packed for the kernels, say), for who steps often with
        weights that stay as they are. By default the parameters themselves."""
        return params

    @abstractmethod
    def step(self, params: Params, projected: Array, state: tuple[Array, ...]) -> tuple[Array, tuple[Array, ...]]:
        """One step without gradients: `projected` (N, ...) from `project`, and the state, give h (N, H) and the next
        state."""

    def step_rows(
        self, params: Params, projected: Array, rows: Array, state: tuple[Array, ...], parents: Array | None = None
    ) -> tuple[Array, tuple[Array, ...]]:
        """`step` for sequences n = 0 ... N-1 that read row rows[n] of `projected` (R, ...) and go on from row parents[n] of
        the state (None: from row n): several may go on from one, as in a beam search. Layers may do without the copies,
        and compute once what depends on the state alone."""
        return self.step(params, projected[rows], state if parents is None else tuple(s[parents] for s in state))


@attrs.frozen
class AttentiveLayer(RecurrentLayer):
    """A recurrent layer that looks at a grid of places before every step.

    Its state starts as (h0, c0, ..., grid): grid (N, L, D) comes last; `forward` takes `(x, state)` or `(x, state,
    lengths)` and gives a pair: h (N, T, H), and how much each step looked at each place, alpha (N, T, L), which sums to
    1 over the places.
    """

    @abstractmethod
    def start(self, h0: Array, grid: Array | None = None) -> tuple[Array, ...]:
        """The state before the first step, for h0 (N, H) and a grid (N, L, D)."""


def no_backward(dy: Any) -> tuple[Any, Grads]:
    """The backward function of a pass that asked for no gradients."""
    raise RuntimeError("this pass was run with need=Need.NOTHING; run it again with the gradients you want")


def inner(params: Params, name: str) -> dict[str, Array]:
    """The parameters of the part called `name`, without the prefix."""
    start = name + "."
    return {k[len(start) :]: v for k, v in params.items() if k.startswith(start)}


def outer(name: str, arrays: Mapping[str, Array]) -> dict[str, Array]:
    """The same arrays with the part's name in front."""
    return {f"{name}.{k}": v for k, v in arrays.items()}
