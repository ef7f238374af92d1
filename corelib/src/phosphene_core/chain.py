"""Named layers in a row, and the trace of what a network saw."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import attrs
import numpy as np

from phosphene_core.errors import ShapeError, unknown
from phosphene_core.layer import Array, Backward, Grads, Layer, Need, Params, Pass, no_backward, outer

INPUT = "input"


def _named(value: Any) -> tuple[tuple[str, Layer], ...]:
    return tuple(value.items()) if isinstance(value, Mapping) else tuple(value)


@attrs.frozen
class Chain(Layer):
    """Layers in a row, each with a name: `Chain({"affine1": Affine(64), "relu1": ReLU()})`. Itself a layer."""

    layers: tuple[tuple[str, Layer], ...] = attrs.field(converter=_named)

    @layers.validator
    def _names_are_plain(self, _: Any, layers: tuple[tuple[str, Layer], ...]) -> None:
        names = [n for n, _ in layers]
        if len(set(names)) != len(names) or any("." in n or n in ("", INPUT) for n in names):
            raise ShapeError(f"layer names must differ, hold no dot and not be '{INPUT}': {', '.join(names)}")

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(n for n, _ in self.layers)

    @property
    def buffers(self) -> tuple[str, ...]:  # type: ignore[override]
        return tuple(f"{n}.{b}" for n, layer in self.layers for b in layer.buffers)

    def __iter__(self) -> Iterator[tuple[str, Layer]]:
        return iter(self.layers)

    def __getitem__(self, name: str) -> Layer:
        return self.layers[self.index(name)][1]

    def index(self, name: str) -> int:
        """The place of the layer called `name`; `NotFoundError` names those that exist."""
        if name not in self.names:
            raise unknown("layer", name, self.names)
        return self.names.index(name)

    def replace(self, change: Callable[[Layer], Layer]) -> "Chain":
        """A twin in which every layer, inside chains too, is `change(layer)`."""
        return Chain([(n, v.replace(change) if isinstance(v, Chain) else change(v)) for n, v in self.layers])

    def init(self, rng: np.random.Generator, shape: Any) -> tuple[dict[str, Array], Any]:
        params: dict[str, Array] = {}
        for name, layer in self.layers:
            try:
                own, shape = layer.init(rng, shape)
            except ShapeError as error:
                raise ShapeError(f"{name}: {error}") from None
            params.update(outer(name, own))
        return params, shape

    def forward(self, params: Params, x: Any, run: Pass) -> tuple[Any, Backward]:
        trace = Trace(self, params, x, run, every=False)
        if not self.layers:
            return x, lambda dy: (dy, {})
        last = self.names[-1]
        return trace[last], (lambda dy: trace.backward({last: dy})) if run.need else no_backward


class Trace:
    """What a network saw: every named activation of one forward run, and the way back through it.

    Without `every`, activations that are cheaper not to have are left out: a layer that is another's epilogue is done
    together with it. The last activation is always there.
    """

    def __init__(
        self, chain: Chain, params: Params, x: Any, run: Pass, upto: str | None = None, every: bool = True
    ) -> None:
        end = len(chain.layers) if upto is None else 0 if upto == INPUT else chain.index(upto) + 1
        parts: dict[str, dict[str, Array]] = {}
        for key, value in params.items():
            name, _, rest = key.partition(".")
            parts.setdefault(name, {})[rest] = value
        self.run = run
        self.names: list[str] = [INPUT]
        self._activations: dict[str, Any] = {INPUT: x}
        self._backwards: list[Backward] = []
        below = Need.INPUT in run.need
        layers = list(chain.layers[:end])
        while layers:
            name, layer = layers.pop(0)
            need = (run.need & Need.PARAMS) | (Need.INPUT if below else Need.NOTHING)
            own = parts.get(name, {})
            within, done = run.within(name, need), None
            if not every and layers and Need.PARAMS not in run.need:
                following, after = layers[0]
                epilogue = after.as_epilogue(parts.get(following, {}), run.within(following, need))
                done = epilogue and layer.forward_with(own, x, within, epilogue)
                if done:
                    layers.pop(0)
                    name = following
            x, backward = done or layer.forward(own, x, within)
            below = below or bool(own and Need.PARAMS in run.need)
            self.names.append(name)
            self._activations[name] = x
            self._backwards.append(backward if run.need else no_backward)

    def __getitem__(self, name: str) -> Any:
        """The activation called `name`; "input" is what went in."""
        if name not in self._activations:
            raise unknown("activation", name, self.names, tell=True, limit=30)
        if self._activations[name] is None:
            raise RuntimeError("this trace was used up by backward(..., last=True); run the pass again")
        return self._activations[name]

    def __contains__(self, name: object) -> bool:
        return name in self._activations

    def backward(self, seeds: Mapping[str, Array], to: str = INPUT, last: bool = False) -> tuple[Any, Grads]:
        """Gradients back from any activations (`seeds`: name -> gradient of the asker's number by it) to another.

        Returns the gradient by the activation `to` and the gradients of the parameters on the way, if the pass
        needs them. Seeds below `to` are an error: nothing flows upwards. With `last` the trace is used up: what a layer
        kept is let go as soon as the gradient has passed it, which a training step's peak memory gains by.
        """
        for name in (*seeds, to):
            self[name]  # an unknown name is refused before any work
        places = {self.names.index(n): np.asarray(s) for n, s in seeds.items()}
        stop = self.names.index(to)
        for place, seed in places.items():
            if place < stop:
                raise ShapeError(f"the seed at '{self.names[place]}' lies below '{to}'")
            if seed.shape != self[self.names[place]].shape:
                have, want = seed.shape, self[self.names[place]].shape
                raise ShapeError(f"the seed at '{self.names[place]}' has shape {have}; the activation has {want}")
        gradient: Any = None
        grads: Grads = {}
        for place in range(max(places, default=stop), stop, -1):
            if place in places:
                gradient = places[place] if gradient is None else gradient + places[place]
            gradient, own = self._backwards[place - 1](gradient)
            if Need.PARAMS in self.run.need:  # a layer may ignore what was not needed
                grads.update(outer(self.names[place], own))
            if last:
                self._backwards[place - 1] = no_backward
                self._activations[self.names[place]] = None
        if stop in places:
            gradient = places[stop] if gradient is None else gradient + places[stop]
        return (np.zeros_like(self[to]) if gradient is None and not seeds else gradient), grads
