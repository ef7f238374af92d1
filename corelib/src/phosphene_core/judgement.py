"""How good a model is on a split of a data set, beyond its loss."""

from collections.abc import Mapping
from typing import Any

import attrs


@attrs.frozen
class Judgement:
    """`measures` by name; `each`: for every example a mapping with its name, what the model made of it and measures of its
    own, as JSON values; `remarks`: a line for each thing that could not be measured here, and why."""

    measures: Mapping[str, float]
    each: tuple[Mapping[str, Any], ...] = attrs.field(default=(), repr=False)
    remarks: tuple[str, ...] = ()
