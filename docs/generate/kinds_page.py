"""A page for each kind of registered thing, and one for each thing: its docstring, its settings, the picture it makes."""

import importlib
from pathlib import Path
from typing import Any

import attrs
import plugin_pages
from markdown_text import cell, prose, table

ORDER = ("technique", "objective", "layer", "model", "optimizer", "dataset")
ABOUT = {
    "technique": "A technique asks a model an objective about pictures. An *attribution* says which pixels matter; a "
    "*generation* makes pictures, frame by frame. `phosphene run NAME photo.jpg` runs one.",
    "objective": "An objective is the question that a technique asks: one number per picture, and its gradient. They add and "
    "scale. `phosphene run saliency photo.jpg --objective NAME:key=value` asks one.",
    "layer": "A layer is a differentiable function of its inputs and its parameters. It holds settings and nothing else; "
    "parameters travel beside it.",
    "model": "A model is settings, the network that they describe, and its parameters. `phosphene train classifier --model "
    "NAME` trains one that tells classes apart.",
    "optimizer": "An optimizer turns gradients into changed parameters. `phosphene train classifier --optimizer "
    "NAME:learning_rate=0.01` uses one.",
    "dataset": "A data set gives batches of named arrays from its splits. `--data NAME:PATH` names one.",
}


def title(kind: str) -> str:
    return "Data sets" if kind == "dataset" else f"{kind.capitalize()}s"


def pages(registry: Any, root: Path) -> dict[str, str]:
    """Path in the site -> Markdown."""
    made = {}
    for kind in ORDER:
        entries = list(registry.catalogue[kind].values())
        made[f"reference/{kind}s/index.md"] = _index(kind, entries, root)
        for entry in entries:
            made[f"reference/{kind}s/{entry.name}.md"] = _entry(entry, root)
    return made


def _index(kind: str, entries: list[Any], root: Path) -> str:
    text = f"# {title(kind)}\n\n{ABOUT[kind]}\n\n"
    if kind == "technique":
        from phosphene_core import Attribution

        for heading, base in (("Which pixels matter", True), ("Pictures that are made", False)):
            own = [e for e in entries if issubclass(e.cls, Attribution) == base]
            text += f"## {heading}\n\n" + '<div class="grid cards" markdown>\n\n' + "".join(_card(e, root) for e in own) + "</div>\n\n"
        return text
    rows = [(f"[`{e.name}`]({e.name}.md)", cell(e.summary), _plugin(e, "../../")) for e in entries]
    return text + table(("name", "what it is", "plugin"), rows)


def _card(entry: Any, root: Path) -> str:
    picture = plugin_pages.first_picture(entry.plugin.name, root)
    shown = f"    [![{entry.name}](../../{picture})]({entry.name}.md)\n\n" if picture else ""
    return f"-   **[{entry.name}]({entry.name}.md)**\n\n{shown}    {prose(' '.join(entry.summary.split()))}\n\n"


def _plugin(entry: Any, up: str) -> str:
    return f"[{entry.plugin.name}]({up}plugins/{entry.plugin.name}/README.md)"


def _entry(entry: Any, root: Path) -> str:
    words = "data set" if entry.kind == "dataset" else entry.kind
    text = f"# {entry.name}\n\nA {words} of the plugin {_plugin(entry, '../../')}.\n\n".replace("A o", "An o")
    picture = plugin_pages.first_picture(entry.plugin.name, root) if entry.kind in ("technique", "dataset", "model") else None
    if picture:
        text += f"![{entry.name}](../../{picture})\n\n"
    text += prose(entry.text) + "\n\n" + _facts(entry)
    text += "## Settings\n\n" + (_settings(entry) if entry.options else "It has none.\n")
    return text + _construction(entry)


def _facts(entry: Any) -> str:
    if entry.kind != "technique":
        return ""
    from phosphene_core import Attribution

    starts = {"square": "the largest centred square, at the model's own size", "whole": "the whole photograph",
              "none": "nothing: it needs no photograph"}  # fmt: skip
    rows = [
        ("makes", "a map for each picture" if issubclass(entry.cls, Attribution) else "a picture, frame by frame"),
        ("asks about", f"[`{entry.cls.objective}`](../objectives/{entry.cls.objective}.md), unless it is told otherwise"),
        ("starts from", starts[entry.cls.picture]),
        ("paper", cell(entry.cls.paper) or "–"),
    ]
    return table(("", ""), rows) + "\n"


def _settings(entry: Any) -> str:
    from phosphene_registry.flags import default_words

    signs = {"gt": ">", "ge": "≥", "lt": "&lt;", "le": "≤"}
    rows = []
    for o in entry.options:
        limits = ", ".join(f"`{c}`" for c in o.choices) or ", ".join(f"{signs[k]} {v:g}" for k, v in o.bounds.items())
        default = "required" if o.required else f"`{default_words(o)}`"
        rows.append((f"`{o.name}`", cell(o.type_words) + (f": {limits}" if limits else ""), default, cell(o.help)))
    return table(("setting", "type", "default", "what it does"), rows)


def _construction(entry: Any) -> str:
    """How it is made in Python, with the values that it has when nothing is said."""
    home = _home(entry.cls)
    values = {}
    for o in entry.options:
        if o.required and o.type is not int:
            return f"\nIn Python it is `{home}.{entry.cls.__name__}`.\n"
        values[o.name] = 64 if o.required else o.default
    if any(attrs.has(type(v)) for v in values.values()):
        return f"\nIn Python it is `{home}.{entry.cls.__name__}`.\n"
    call = f"{entry.cls.__name__}({', '.join(f'{k}={v!r}' for k, v in values.items())})"
    if len(call) > 88:
        call = f"{entry.cls.__name__}(\n" + "".join(f"    {k}={v!r},\n" for k, v in values.items()) + ")"
    return f"\n## In Python\n\n```python\nfrom {home} import {entry.cls.__name__}\n\n{call}\n```\n"


def _home(cls: Any) -> str:
    """The package where the class is public, or its own module."""
    top = cls.__module__.split(".")[0]
    return top if getattr(importlib.import_module(top), cls.__name__, None) is cls else cls.__module__
