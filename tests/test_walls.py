"""The walls of the house: who may import whom, and what a file may be called."""

import ast
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MEMBERS = {
    m: tomllib.loads((m / "pyproject.toml").read_text())["project"]
    for m in [ROOT / "corelib", ROOT / "registry", *sorted(p.parent for p in ROOT.glob("plugins/*/pyproject.toml"))]
}


def imported(path):
    """Our packages that a source file imports, wherever in it the import stands."""
    for node in ast.walk(ast.parse(path.read_text())):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module]
        yield from (n.split(".")[0] for n in names if n.startswith("phosphene_"))


@pytest.mark.parametrize("member", MEMBERS, ids=lambda m: m.name)
def test_a_member_imports_only_what_it_declares(member):
    project = MEMBERS[member]
    own = project["name"].replace("-", "_")
    declared = {d.split(">")[0].split("=")[0].split("[")[0].strip().replace("-", "_") for d in project["dependencies"]}
    for extra in project.get("optional-dependencies", {}).values():
        declared |= {d.split(">")[0].split("=")[0].strip().replace("-", "_") for d in extra}
    for path in (member / "src").rglob("*.py"):
        for name in imported(path):
            assert name == own or name in declared, f"{path.relative_to(ROOT)} imports {name}, which is not declared"


def test_core_knows_no_plugin_and_no_registry():
    assert {n for p in (ROOT / "corelib" / "src").rglob("*.py") for n in imported(p)} <= {"phosphene_core"}


def test_the_registry_knows_no_plugin():
    found = {n for p in (ROOT / "registry" / "src").rglob("*.py") for n in imported(p)}
    assert found <= {"phosphene_core", "phosphene_registry"}


def test_nothing_imports_the_command_line():
    for member in MEMBERS:
        if member.name != "registry":
            for path in (member / "src").rglob("*.py"):
                assert "phosphene_registry.commands" not in path.read_text(), path


@pytest.mark.parametrize("member", MEMBERS, ids=lambda m: m.name)
def test_a_member_is_complete(member):
    assert (member / "README.md").read_text().startswith("# ")
    assert list((member / "tests").glob("test_*.py")), "no tests"
    assert list((member / "src").rglob("py.typed")), "no py.typed"


@pytest.mark.parametrize("member", [m for m in MEMBERS if (m / "meson.build").exists()], ids=lambda m: m.name)
def test_what_is_built_holds_every_file(member):
    """meson installs what it is told, and nothing else."""
    listed = (member / "meson.build").read_text()
    for path in [*(member / "src").rglob("*.py"), *(member / "src").rglob("py.typed")]:
        assert f"'{path.relative_to(member).as_posix()}'" in listed, path


def test_no_grab_bags():
    names = {p.name for m in MEMBERS for p in (m / "src").rglob("*.py")}
    assert not names & {"utils.py", "util.py", "helpers.py", "helper.py", "common.py", "misc.py"}
