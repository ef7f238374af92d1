"""What is public is documented: every hook, every registered thing, every setting, every command; in code and on the site."""

import inspect
import sys
from pathlib import Path

import pytest

import phosphene_core
from phosphene_core import hooks, testing
from phosphene_registry import Registry

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT / "docs/generate"))
REGISTRY = Registry()
ENTRIES = [e for kind in REGISTRY.catalogue for e in REGISTRY.catalogue[kind].values()]
HOOKS = {n: f for n, f in vars(hooks).items() if hasattr(f, "phosphene_spec")}


@pytest.fixture(scope="module")
def pages():
    import commands_page
    import hooks_page
    import kinds_page
    import plugin_pages

    return {**kinds_page.pages(REGISTRY, ROOT), **plugin_pages.pages(REGISTRY, ROOT), "hooks.md": hooks_page.text(ROOT),
            "commands.md": commands_page.text(REGISTRY)}  # fmt: skip


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: f"{e.kind} {e.name}")
def test_every_registered_thing_and_every_setting(entry, pages):
    own = inspect.getdoc(entry.cls) if "__doc__" in vars(entry.cls) else None
    assert own, f"{entry.where} has no docstring"
    page = pages[f"reference/{entry.kind}s/{entry.name}.md"]
    for option in entry.options:
        assert option.help, f"the setting '{option.name}' of {entry.where} has no help line"
        assert f"| `{option.name}` |" in page


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook(name, pages):
    assert inspect.getdoc(HOOKS[name])
    assert f"### {name}\n" in pages["hooks.md"]


@pytest.mark.parametrize("module", [phosphene_core, testing], ids=lambda m: m.__name__)
def test_everything_public_in_the_core(module):
    for name in module.__all__:
        thing = getattr(module, name)
        if inspect.isclass(thing) or inspect.isfunction(thing):
            assert thing.__doc__, f"{module.__name__}.{name} has no docstring"


def test_every_command_and_its_options(pages):
    import commands_page
    import typer

    from phosphene_registry.app import build

    def walk(group, name):
        for own, command in commands_page._inside(group):
            assert command.help, f"`{name} {own}` has no help"
            assert f"# {name} {own}\n" in pages["commands.md"]
            if hasattr(command, "list_commands") and own != "run":
                walk(command, f"{name} {own}")
            elif own != "run":
                for p in command.params:
                    assert getattr(p, "help", ""), f"`{name} {own}`: {p.name} has no help"

    walk(typer.main.get_command(build(REGISTRY, print)), "phosphene")


def test_every_plugin_says_what_it_is(pages):
    for folder in sorted(ROOT.glob("plugins/*/")):
        if (folder / "pyproject.toml").exists():
            text = (folder / "README.md").read_text(encoding="utf-8")
            assert len(text.splitlines()) > 5, f"{folder.name}/README.md says nothing"
