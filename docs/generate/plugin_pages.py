"""Each plugin's README with its pictures, and a page that lists them all."""

import re
import tomllib
from pathlib import Path
from typing import Any

from markdown_text import cell, table

PICTURE = re.compile(r"!\[[^\]]*\]\(([^)]+)\)")
KINDS = ("technique", "objective", "layer", "model", "optimizer", "dataset")


def pages(registry: Any, root: Path) -> dict[str, str]:
    """Path in the site -> Markdown."""
    made = {"plugins/index.md": _index(registry, root)}
    for folder in folders(root):
        made[f"plugins/{folder.name}/README.md"] = (folder / "README.md").read_text(encoding="utf-8").rstrip() + "\n" + _registered(registry, folder.name)
    return made


def folders(root: Path) -> list[Path]:
    return [root / "corelib", root / "registry", *sorted(p.parent for p in root.glob("plugins/*/pyproject.toml"))]


def pictures(root: Path) -> dict[str, Path]:
    """Path in the site -> file, for every picture that a README shows."""
    found = {}
    for folder in folders(root):
        for place in PICTURE.findall((folder / "README.md").read_text(encoding="utf-8")):
            if (folder / place).is_file():
                found[f"plugins/{folder.name}/{place}"] = folder / place
    return found


def first_picture(plugin: str, root: Path) -> str | None:
    """The first picture of a plugin's README, as a path in the site."""
    readme = root / "plugins" / plugin / "README.md"
    found = PICTURE.search(readme.read_text(encoding="utf-8")) if readme.exists() else None
    return f"plugins/{plugin}/{found[1]}" if found else None


def _index(registry: Any, root: Path) -> str:
    rows = []
    for folder in folders(root):
        about = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]["description"]
        rows.append((f"[{folder.name}]({folder.name}/README.md)", cell(about)))
    return (
        "# Plugins\n\nEverything that Phosphene can do comes from these, each a distribution of its own. `phosphene plugins` lists "
        "what is installed, and how it fares.\n\n" + table(("plugin", "what it brings"), rows)
    )


def _registered(registry: Any, name: str) -> str:
    rows = [
        (f"[`{e.name}`](../../reference/{kind}s/{e.name}.md)", "data set" if kind == "dataset" else kind, cell(e.summary))
        for kind in KINDS
        for e in registry.catalogue[kind].values()
        if e.plugin.name == name
    ]
    return "\n## What it registers\n\n" + table(("name", "kind", "what it is"), rows) if rows else ""
