"""The page: every section, whole or with a line that says why it is not there."""

import html
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from phosphene_core import Attribution, ImageModel, PhospheneError
from phosphene_demo import sections
from phosphene_demo.photographs import photographs

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:1120px;margin:2rem auto;padding:0 1rem;color:#1d1d26;background:#fbfaf7}
h1{margin:2.4rem 0 -1rem}h1:first-of-type{font-size:2.4rem;margin:0}h2{margin:1.6rem 0 .1rem}h2::first-letter{text-transform:uppercase}p{margin:.1rem 0 .6rem;max-width:52rem}
cite{color:#777;font-size:.9em}.row{display:flex;flex-wrap:wrap;gap:1.2rem}figure{margin:0;width:256px}
img{width:256px;border-radius:6px;display:block;margin-bottom:.3rem}figcaption{font-size:.85rem;color:#555}
.bar{position:relative;font-size:.85rem;padding:.1rem .4rem;margin:.2rem 0;display:flex;justify-content:space-between;
background:#eee;border-radius:4px;overflow:hidden}.bar i{position:absolute;inset:0 auto 0 0;background:#f6c667}
.bar span,.bar b{position:relative;font-weight:400}.bar.true span,.bar.true b{font-weight:700}
figure>div{display:flex;gap:4px}.of2 img{width:126px}
.wide{width:531px}.wide.of2 img{width:263px}.wide.of3 img{width:174px}.fault{color:#a33}
.words{display:flex;flex-wrap:wrap;gap:.6rem}.words figure{width:120px}.words img{width:120px}
"""

PARTS = {"says": "What it says", "looks": "What it looks at", "makes": "What it would like to see"}


def build(registry: Any, out: Path, seconds: float, seed: int) -> Iterator[str]:
    """Write the page and say what is being done, line by line. A technique that fails costs its own section only."""
    started = time.monotonic()
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PhospheneError(f"cannot write to {out}: {error.strerror}") from None
    model = registry.resolve(ImageModel, "cnn")
    photos = photographs()
    yield "what the network says"
    says = [sections.says(model, photos, out)]
    looks: list[str] = []
    makes: list[str] = []
    for plugin, call in registry.callers("demo_section"):
        yield f"section of {plugin.name}"
        try:
            says += [section for section in call(registry=registry, folder=out) if section]
        except Exception as error:  # a guest's section must not cost the page
            says.append(_fault(plugin.name, error))
    for name, entry in registry.catalogue["technique"].items():
        yield f"technique {name}"
        part = looks if issubclass(entry.cls, Attribution) else makes
        try:
            part.append(sections.technique(registry, entry, model, photos, out, seconds, seed))
        except PhospheneError as error:
            part.append(_fault(name, error))
    parts = zip(PARTS.items(), (says, looks, makes), strict=True)
    body = "".join(f"<h1 id={anchor}>{title}</h1>{''.join(part)}" for (anchor, title), part in parts)
    links = " · ".join(f"<a href=#{anchor}>{title}</a>" for anchor, title in PARTS.items())
    page = (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>Phosphene</title><style>{STYLE}</style>"
        "<h1>Phosphene</h1><p>What a small network, trained by this framework on TinyImageNet-100-A, sees in real "
        "photographs, and what it says. In its maps bright pixels matter most; where a technique tells for from against, "
        "red speaks for the answer and blue against it.</p>"
        f"<nav>{links}</nav>"
        f"{body}</html>"
    )
    temporary = out / ".index.html.new"
    temporary.write_text(page, encoding="utf-8")
    os.replace(temporary, out / "index.html")
    yield f"{out / 'index.html'} is ready after {time.monotonic() - started:.0f} s"


def _fault(name: str, error: Exception) -> str:
    return f"<section><h2>{html.escape(name)}</h2><p class=fault>Not shown: {html.escape(str(error))}</p></section>"
