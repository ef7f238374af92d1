"""What a user writes to name a thing with its settings: `adam`, `lstm:hidden=512`, `tinyimagenet:a.zip,flip=no`."""

from typing import Any

import attrs

from phosphene_core.errors import SettingError


@attrs.frozen
class Spec:
    """A name, and settings as text. `first`: a value without a key right after the colon (a data set's path)."""

    name: str
    settings: dict[str, Any] = attrs.field(factory=dict)
    first: str | None = None

    def settings_for(self, first_setting: str | None) -> dict[str, Any]:
        """The settings, with `first` under the name of the setting that it stands for."""
        if self.first is None:
            return dict(self.settings)
        if first_setting is None or first_setting in self.settings:
            raise SettingError(f"'{self.first}' in '{self.name}:{self.first}' must be written as key=value")
        return {first_setting: self.first, **self.settings}


def parse(text: str) -> Spec:
    """`NAME[:FIRST][,key=value...]`. A comma inside a value is kept where no key follows (`filters=32,64,size=3`), and
    parentheses keep everything (`technique=(gradcam:layer=conv4,relu=no)`), around the whole as well."""
    text = bare(text)
    if text.count("(") > text.count(")") and ("=(" in text or text.startswith("(")):  # else it is part of a file's name
        raise SettingError(f"'{text}': a parenthesis is not closed")
    name, colon, rest = text.strip().partition(":")
    if not name or (colon and not rest.strip()):
        raise SettingError(f"'{text}' names nothing; write NAME or NAME:key=value,...")
    first: str | None = None
    settings: dict[str, Any] = {}
    last: str | None = None
    for part in _parts(rest):
        key, equals, value = part.partition("=")
        if equals and key.strip().replace("-", "_").isidentifier():
            last = key.strip().replace("-", "_")
            if last in settings:
                raise SettingError(f"'{text}' gives {last} twice")
            settings[last] = value.strip()
        elif last is not None:
            settings[last] += "," + part.strip()
        else:
            first = part.strip() if first is None else f"{first},{part}"
    return Spec(name.strip(), {k: bare(v) for k, v in settings.items()}, first)


def values_of(text: str) -> list[str]:
    """Values in a row: `conv2,conv4`; one that has commas stands in parentheses: `(conv1,conv2),conv3`."""
    found = [bare(part) for part in _parts(text)]
    if not found:
        raise SettingError(f"'{text}' names no values; write them with commas between")
    return found


def bare(text: str) -> str:
    """The text without parentheses that stand around the whole of it."""
    text = text.strip()
    while text.startswith("(") and _closing(text) == len(text) - 1:
        text = text[1:-1].strip()
    return text


def _closing(text: str) -> int:
    """The place of the parenthesis that closes the one at the start; -1 if none does."""
    depth = 0
    for i, c in enumerate(text):
        depth += (c == "(") - (c == ")")
        if depth == 0:
            return i
    return -1


def _parts(text: str) -> list[str]:
    """Split at the commas outside parentheses."""
    parts, depth = [""], 0
    for c in text:
        depth += (c == "(") - (c == ")")
        if c == "," and depth <= 0:
            parts.append("")
        else:
            parts[-1] += c
    return [p for p in parts if p.strip()]
