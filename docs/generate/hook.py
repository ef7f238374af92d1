"""What mkdocs calls: adds the pages that are made from the catalogue, the plugins' READMEs and the hooks."""

from pathlib import Path
from typing import Any

import commands_page
import hooks_page
import kinds_page
import plugin_pages
from markdown_text import page
from mkdocs.structure.files import File
from mkdocs.utils.meta import get_data

ROOT = Path(__file__).parent.parent.parent


def made_pages() -> dict[str, str]:
    """Path in the site -> Markdown, for every page that is not written by hand."""
    from phosphene_registry import Registry

    registry = Registry()
    return {
        **kinds_page.pages(registry, ROOT),
        **plugin_pages.pages(registry, ROOT),
        "hooks.md": hooks_page.text(ROOT),
        "commands.md": commands_page.text(registry),
        "contributing.md": (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"),
        "changelog.md": (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"),
    }


def on_config(config: Any) -> Any:
    """The menu: how-tos as they lie there, the made pages where the menu says `MADE`."""
    made = made_pages()
    config.extra["made"] = made
    for section in config.nav:
        for name, value in section.items():
            if value == ["HOWTO"]:
                section[name] = [f"howto/{p.name}" for p in sorted((ROOT / "docs/howto").glob("*.md"), key=_place)]
            elif value == ["MADE"]:
                section[name] = _menu(made)
    return config


def _place(path: Path) -> tuple[int, str]:
    """Pages stand in the `order` that their first lines name; others follow."""
    order = get_data(path.read_text(encoding="utf-8"))[1].get("order", 99)
    return int(order), path.name


def _menu(made: dict[str, str]) -> list[Any]:
    menu: list[Any] = []
    for kind in kinds_page.ORDER:
        own = [p for p in made if p.startswith(f"reference/{kind}s/") and not p.endswith("/index.md")]
        menu.append({kinds_page.title(kind): [f"reference/{kind}s/index.md", *sorted(own)]})
    plugins = sorted(p for p in made if p.startswith("plugins/") and p.count("/") == 2)
    menu += [{"Plugins": ["plugins/index.md", *plugins]}, "commands.md", "hooks.md"]
    return menu


def on_files(files: Any, config: Any) -> Any:
    for path, text in config.extra["made"].items():
        files.append(File.generated(config, path, content=page(text)))
    for path, source in plugin_pages.pictures(ROOT).items():
        files.append(File.generated(config, path, abs_src_path=str(source)))
    return files
