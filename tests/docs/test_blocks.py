"""Every command and code block on the site, run page by page, each page in an empty folder of its own.

`make test` looks at them; they run where PHOSPHENE_THOROUGH is set, as .ci/run does.
"""

import ast
import os
import re
import subprocess
import sys
import tomllib
import types
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent.parent / "docs/generate"))

from blocks import NOTES, blocks_of
from overlay import overlay
from place import ROOT, furnish, prepare

SHELL = ("sh", "bash", "console")
LANGUAGES = (*SHELL, "python", "toml", "json", "text", "")


def written() -> dict[str, str]:
    """Every page that is written by hand: the site's own, READMEs that become pages, CONTRIBUTING."""
    paths = [*(ROOT / "docs").rglob("*.md"), *ROOT.glob("plugins/*/README.md"), ROOT / "CONTRIBUTING.md",
             ROOT / "corelib/README.md", ROOT / "registry/README.md"]  # fmt: skip
    return {str(p.relative_to(ROOT)): p.read_text(encoding="utf-8") for p in sorted(paths)}


PAGES = {name: text for name, text in written().items() if blocks_of(text)}


@pytest.mark.parametrize("name", PAGES)
def test_blocks_are_well_formed(name):
    text = PAGES[name]
    blocks = blocks_of(text)
    assert text.count("\n```") + text.startswith("```") == 2 * len(blocks), "a fence is not closed, or indented"
    for block in blocks:
        where = f"{name}:{block.line}"
        assert block.language in LANGUAGES, f"{where} has the language '{block.language}'"
        assert not block.note or block.note.startswith(NOTES), f"{where}: '{block.note}'"
        if block.language == "python":
            ast.parse(block.text)
        if block.language == "toml":
            tomllib.loads(block.text)


@pytest.fixture(scope="session")
def stock(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stock")
    prepare(folder)
    return folder


@pytest.mark.skipif(not os.environ.get("PHOSPHENE_THOROUGH"), reason="it takes minutes")
@pytest.mark.parametrize("name", PAGES)
def test_blocks_run(name, stock, tmp_path, monkeypatch):
    blocks = [b for b in blocks_of(PAGES[name]) if b.runs]
    furnish(tmp_path, stock)
    if name.startswith("docs/examples"):
        (tmp_path / "README.md").write_text("")
        blocks = [_at(b, (ROOT / name).parent) for b in blocks]
    installs = any(re.search(r"\bpip install", b.text) for b in blocks if b.language in SHELL)
    commands = overlay(tmp_path / ".env") if installs else Path(sys.executable).parent
    environment = {**os.environ, "PATH": os.pathsep.join(map(str, (commands, Path(sys.executable).parent, os.environ["PATH"]))),
                   "PHOSPHENE_CACHE": str(stock / ".cache")}  # fmt: skip
    monkeypatch.chdir(tmp_path)
    module = _module(name) if any(b.language == "python" and not b.title for b in blocks) and not installs else None
    here = tmp_path
    for block in blocks:
        where = f"{name}:{block.line}"
        if block.title and block.language not in SHELL:
            (tmp_path / block.title).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / block.title).write_text(block.text)
        elif block.language in SHELL:
            here = _shell(block, here, environment, where)
        elif block.language == "python" and module:
            exec(compile(block.text, where, "exec"), module.__dict__)
        elif block.language == "python":
            done = subprocess.run([commands / "python", "-c", block.text], cwd=here, env=environment,
                                  capture_output=True, text=True, check=False)  # fmt: skip
            assert done.returncode == 0, f"{where}\n{done.stderr}"


def _at(block, folder):
    """A README's `pip install .` means the folder in which it lies."""
    import attrs

    return attrs.evolve(block, text=block.text.replace("pip install .", f"pip install {folder}"))


def _shell(block, here, environment, where):
    """Run the commands; the folder in which they end is where the next ones begin."""
    place = here.parent / f"{abs(hash(where))}.place"
    done = subprocess.run(["bash", "-eo", "pipefail", "-c", block.code + '\npwd > "$PLACE"'], cwd=here, check=False, timeout=600,
                          env={**environment, "PLACE": str(place)}, capture_output=True, text=True)  # fmt: skip
    assert done.returncode == block.exit_code, f"{where} ended with {done.returncode}\n{done.stdout}{done.stderr}"
    assert "Traceback" not in done.stderr, done.stderr
    return Path(place.read_text().strip()) if place.exists() else here


def _module(name):
    """Where a page's Python lives, with what READMEs take as given: a photograph, the model inside, pictures."""
    from phosphene_cnn import CNN
    from phosphene_core.image import decode

    module = types.ModuleType(re.sub(r"\W", "_", name))
    sys.modules[module.__name__] = module
    if "README" in name:
        module.photo = decode("photo.jpg")
        module.photograph, module.np, module.rng = module.photo, np, np.random.default_rng(0)
        module.model = CNN.pretrained()
        module.images = module.model.preprocess([module.photo] * 2)
    return module
