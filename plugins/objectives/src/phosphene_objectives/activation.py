"""Finding a layer, and a channel in it, or saying which there are."""

from typing import Any

from phosphene_core.errors import NotFoundError, PhospheneError, ShapeError, unknown
from phosphene_core.layer import Array


def known(layer: str, model: Any) -> str:
    """The layer's name, if the model has it. `NotFoundError` names those that it has."""
    if layer not in model.activations:
        raise unknown("layer", layer, model.activations, tell=True, limit=30)
    return layer


def settled(layer: str | None, model: Any, depth: float) -> str:
    """The layer's name, or where none is given the feature map that lies `depth` (0 to 1) of the way up the network."""
    if layer is not None:
        return known(layer, model)
    maps = model.feature_maps
    if not maps:
        raise PhospheneError(f"no layer keeps a height and a width; name one of: {', '.join(model.activations)}")
    return str(maps[int(depth * len(maps))])


def checked_channel(activation: Array, layer: str, channel: int) -> int:
    """The channel, if the activation (N, C, ...) has it."""
    if not 0 <= channel < activation.shape[1]:
        raise NotFoundError(f"{layer} has no channel {channel}; it has channels 0 to {activation.shape[1] - 1}")
    return channel


def place(activation: Array, layer: str, y: int | None, x: int | None) -> tuple[int, ...]:
    """The place (y, x) in an activation (N, C, H, W), the centre where none is given; () for one without places."""
    if activation.ndim == 2:
        if y is not None or x is not None:
            raise ShapeError(f"{layer} has no height and width; leave y and x out")
        return ()
    height, width = activation.shape[2:]
    row, column = (size // 2 if at is None else at for at, size in ((y, height), (x, width)))
    if not (0 <= row < height and 0 <= column < width):
        raise NotFoundError(f"{layer} has {height} rows and {width} columns here; there is no place ({row}, {column})")
    return (row, column)
