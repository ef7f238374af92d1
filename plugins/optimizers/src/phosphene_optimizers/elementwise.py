"""What all optimizers here share: a rule that changes each number by its own gradient and its own memory."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar

import attrs
import numpy as np

from phosphene_core.errors import PhospheneError, ShapeError
from phosphene_core.layer import Array, Params
from phosphene_core.optimizer import Optimizer, State
from phosphene_core.threads import threads
from phosphene_optimizers import twins
from phosphene_optimizers.engine import kernels


@attrs.frozen
class ElementwiseOptimizer(Optimizer):
    """An optimizer whose rule is the function `rule` of `twins`, and of the kernels.

    The state holds, for each parameter and each name in `memory`, an array of the parameter's shape, called
    "m.conv1.W" for memory `m` of `conv1.W`; and `step` (1,) int64, the number of updates so far.
    """

    rule: ClassVar[str]
    memory: ClassVar[tuple[str, ...]] = ()

    weight_decay: float
    decay_vectors: bool

    @abstractmethod
    def constants(self, step: int, rate: float) -> tuple[float, ...]:
        """The rule's numbers at update `step` (from 1) with this learning rate, the decay's excepted."""

    def start(self, params: Params) -> State:
        state = {f"{m}.{name}": np.zeros_like(p, order="C") for m in self.memory for name, p in params.items()}
        return {**state, "step": np.zeros(1, np.int64)}

    def update(self, params: dict[str, Array], grads: Mapping[str, Array], state: State, scale: float = 1.0) -> None:
        """One update in place; see `Optimizer.update`. Parameters are float32 or float64; a gradient has its
        parameter's shape. Errors: `PhospheneError` before anything is changed."""
        work = [self._arrays(params, name, g, state) for name, g in grads.items()]
        constants = self.constants(int(state["step"][0]) + 1, self.learning_rate * scale)
        decays = [self.weight_decay if self.decay_vectors or a[0].ndim > 1 else 0.0 for a in work]
        state["step"] += 1
        if (compiled := kernels()) is not None:
            flat = [all(a.flags.c_contiguous and a.flags.aligned for a in arrays) for arrays in work]
            for dtype in (np.float32, np.float64):
                now = [i for i, a in enumerate(work) if flat[i] and a[0].dtype == dtype]
                compiled.update(self.rule, [work[i] for i in now], [decays[i] for i in now], constants, threads())
            rest = [i for i in range(len(work)) if not flat[i]]
        else:
            rest = list(range(len(work)))
        for i in rest:
            getattr(twins, self.rule)(*work[i], decays[i], *constants)

    def _arrays(self, params: Params, name: str, gradient: Array, state: State) -> tuple[Array, ...]:
        """The parameter, its gradient and its memory, checked."""
        if name not in params:
            raise PhospheneError(f"there is a gradient for '{name}', which is no parameter")
        parameter = params[name]
        if parameter.dtype not in (np.float32, np.float64):
            raise ShapeError(f"the parameter '{name}' must be float32 or float64, not {parameter.dtype}")
        memory = [state.get(f"{m}.{name}") for m in self.memory]
        arrays = [np.asarray(gradient, parameter.dtype), *(a for a in memory if a is not None)]
        if len(arrays) <= len(self.memory):
            raise PhospheneError(f"the optimizer's state has nothing for '{name}'; it was started for other parameters")
        for what, array in zip(("gradient", *self.memory), arrays, strict=True):
            if array.shape != parameter.shape or array.dtype != parameter.dtype:
                raise ShapeError(
                    f"the {what} of '{name}' is {array.dtype} {array.shape}; the parameter is {parameter.dtype} "
                    f"{parameter.shape}"
                )
        return (parameter, *arrays)
