"""A plugin's name in the forms in which files and code need it."""

import importlib.util
import keyword
import re
from typing import Any

import attrs

from phosphene_core.errors import PhospheneError

LONGEST = 30
"""So that no line of what is written becomes too long."""


def _snake(text: str) -> str:
    return text.replace("-", "_")


@attrs.frozen
class Name:
    """`soft_plus`: the module `phosphene_soft_plus`, the distribution `phosphene-soft-plus`, the class `SoftPlus`."""

    snake: str = attrs.field(converter=_snake)

    @snake.validator
    def _is_plain(self, _: Any, value: str) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", value):
            raise PhospheneError(f"'{value[:80]}' is no name for a plugin: small letters, digits and _, a letter first")
        if len(value) > LONGEST:
            raise PhospheneError(f"'{value[:80]}' is too long a name for a plugin: at most {LONGEST} letters")
        if keyword.iskeyword(value) or value == "plugin":
            raise PhospheneError(f"a plugin cannot be called '{value}': its file could not be imported; choose another name")

    @property
    def dashed(self) -> str:
        return self.snake.replace("_", "-")

    @property
    def distribution(self) -> str:
        return f"phosphene-{self.dashed}"

    @property
    def module(self) -> str:
        return f"phosphene_{self.snake}"

    @property
    def camel(self) -> str:
        return "".join(part.capitalize() for part in self.snake.split("_"))

    def fill(self, text: str, kind: str) -> str:
        """A template with the name in it."""
        for token, value in (("plugin_name", self.snake), ("plugin-name", self.dashed), ("PluginName", self.camel),
                             ("plugin_kind", kind)):  # fmt: skip
            text = text.replace(token, value)
        return text

    def check_free(self, kind: str, registry: Any) -> None:
        """`PhospheneError` if the name is taken: by what is registered, or by a package."""
        taken = registry.catalogue[kind].get(self.snake)
        if taken is not None:
            raise PhospheneError(f"there is a {kind} '{self.snake}' already, from {taken.plugin.title}; choose another name")
        if self.snake in registry.plugins or importlib.util.find_spec(self.module) is not None:
            raise PhospheneError(f"there is a plugin '{self.snake}' ({self.module}) already; choose another name")
