"""A kind of training: `phosphene train NAME`."""

from collections.abc import Callable

import attrs

Base = type | tuple[type, ...]


def _later(base: Base | Callable[[], Base]) -> Callable[[], Base]:
    return (lambda: base) if isinstance(base, type | tuple) else base


@attrs.frozen
class Training:
    """A kind of training, `phosphene train NAME`: which models it takes, and the defaults.

    `find_base`: the class or the classes of its models, or a function that gives them when they are needed. `model`
    and `optimizer`: NAME[:key=value...].
    """

    name: str
    find_base: Callable[[], Base] = attrs.field(converter=_later)
    model: str | None = None
    optimizer: str = "adam"
    help: str = ""

    @property
    def base(self) -> Base:
        """The class, or the classes, of models that it takes."""
        return self.find_base()
