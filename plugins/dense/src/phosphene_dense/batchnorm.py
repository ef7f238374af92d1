"""Batch normalization, alone and with the rectifier that usually follows it."""

from typing import Any, ClassVar

import attrs
import numpy as np

from phosphene_core.epilogue import RULES, Epilogue
from phosphene_core.errors import ShapeError
from phosphene_core.layer import (
    Array,
    Backward,
    Grads,
    Layer,
    Need,
    Params,
    Pass,
    no_backward,
)
from phosphene_core.options import option
from phosphene_dense.normalization import normalize, normalize_backward, statistics


@attrs.frozen
class BatchNorm(Layer):
    """y = gamma (x - mean) / sqrt(var + eps) + beta for each channel of x (N, C) or (N, C, H, W). Ioffe, Szegedy 2015.

    In training, mean and (biased) variance are the batch's own, and the running statistics handed back are
    momentum * running + (1 - momentum) * the batch's; in evaluation they are the running ones.
    """

    buffers: ClassVar[tuple[str, ...]] = ("running_mean", "running_var")

    momentum: float = option(0.9, "how much of the running statistics a training pass keeps", ge=0, le=1)
    eps: float = option(1e-5, "added to the variance", gt=0)

    @property
    def _rule(self) -> str | None:
        """The way back through the rectifier that follows; None: none does."""
        return None

    def init(self, rng: np.random.Generator, shape: Any) -> tuple[dict[str, Array], Any]:
        if len(shape) not in (1, 3) or min(shape) < 1:
            raise ShapeError(f"batchnorm wants (channels,) or (channels, height, width), not {shape}")
        zeros, ones = (np.full(shape[0], v, np.float32) for v in (0, 1))
        return {
            "gamma": ones,
            "beta": zeros,
            "running_mean": zeros.copy(),
            "running_var": ones.copy(),
        }, shape

    def as_epilogue(self, params: Params, run: Pass) -> Epilogue | None:
        if run.train:
            return None
        scale = params["gamma"] / np.sqrt(params["running_var"] + self.eps)
        return Epilogue(scale, params["beta"] - params["running_mean"] * scale, self._rule)

    def forward(self, params: Params, x: Array, run: Pass) -> tuple[Array, Backward]:
        gamma, beta, need, rule = params["gamma"], params["beta"], run.need, self._rule
        if x.ndim not in (2, 4) or x.shape[1] != len(gamma):
            raise ShapeError(
                f"batchnorm of {len(gamma)} channels wants (N, C) or (N, C, H, W), not the shape {x.shape}"
            )
        train = run.train and x.size > 0  # a batch of none has no statistics
        mean, var = params["running_mean"], params["running_var"]
        if train:
            keep, (old_mean, old_var) = self.momentum, (mean, var)
            mean, var = statistics(x)
            run.hand_back(
                "running_mean",
                (keep * old_mean + (1 - keep) * mean).astype(old_mean.dtype),
            )
            run.hand_back("running_var", (keep * old_var + (1 - keep) * var).astype(old_var.dtype))
        inv = (1 / np.sqrt(var + self.eps)).astype(x.dtype)
        y = normalize(x, mean, inv, gamma, beta, rule is not None)
        if need is Need.NOTHING:
            return y, no_backward

        def backward(dy: Array) -> tuple[Array | None, Grads]:
            dx, dgamma, dbeta = normalize_backward(dy, x, mean, inv, gamma, beta, train, need, rule)
            grads = {"gamma": dgamma, "beta": dbeta} if Need.PARAMS in need else {}
            return dx, {k: g for k, g in grads.items() if g is not None}

        return y, backward


@attrs.frozen
class BatchNormReLU(BatchNorm):
    """`BatchNorm` and then `ReLU`, with one pass over memory where the two need more, and one array fewer to keep."""

    rule: str = option("gradient", "what the rectifier's backward pass lets through", choices=RULES)

    @property
    def _rule(self) -> str | None:
        return self.rule
