"""A kind of training: `phosphene train NAME`."""

import attrs


@attrs.frozen
class Training:
    """A kind of training, `phosphene train NAME`: which models it takes, and the defaults."""

    name: str
    base: type | tuple[type, ...]
    model: str | None = None
    optimizer: str = "adam"
    help: str = ""
