"""Written plugins, as a stranger uses them: linted, checked, tested and typed in processes of their own."""

import os
import subprocess
import sys

import pytest

from phosphene_core.errors import PhospheneError
from phosphene_registry import Registry
from phosphene_scaffold import plugin
from phosphene_scaffold.name import LONGEST, Name
from phosphene_scaffold.writing import write

KINDS = [kind.value for kind in plugin.Kind]
THOROUGH = bool(os.environ.get("PHOSPHENE_THOROUGH"))


def run(*command, where, path=""):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))}
    done = subprocess.run([sys.executable, "-m", *map(str, command)], cwd=where, env=environment,
                          capture_output=True, text=True, check=False, timeout=300)  # fmt: skip
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with a plugin of each kind."""
    folder = tmp_path_factory.mktemp("made")
    for kind in KINDS:
        write(Name(f"tried-{kind}"), kind, folder / kind)
    return folder


def test_they_pass_the_linter_and_are_formatted_however_long_the_name(made, tmp_path):
    assert run("ruff", "format", "--check", "--no-cache", ".", where=made)[0] == 0
    for kind in KINDS:
        write(Name(f"{kind}_of_{'x' * LONGEST}"[:LONGEST]), kind, tmp_path / kind)
    for folder in (made, tmp_path):
        assert run("ruff", "check", "--no-cache", ".", where=folder) == (0, "All checks passed!\n")


def test_they_keep_their_contracts(made):
    modules = [f"phosphene_tried_{kind}.plugin" for kind in KINDS]
    load = [part for module in modules for part in ("-p", module)]
    code, text = run("phosphene_registry.main", *load, "check", *modules, where=made, path=[made / k / "src" for k in KINDS])
    assert code == 0, text
    assert "6 of 6 hold" in text


def test_their_own_tests_pass(made):
    tests = [f"{kind}/tests" for kind in KINDS]
    code, text = run("pytest", "-q", "-p", "no:cacheprovider", "--rootdir", ".", "--import-mode=importlib", *tests,
                     where=made, path=[made / k / "src" for k in KINDS])  # fmt: skip
    assert code == 0, text


@pytest.mark.skipif(not THOROUGH, reason="the type checker takes a while")
@pytest.mark.parametrize("kind", KINDS)
def test_they_pass_the_type_checker(made, kind):
    code, text = run("mypy", "src", where=made / kind, path=[])
    assert code == 0, text


@pytest.mark.skipif(not THOROUGH, reason="pip takes a while")
def test_installed_they_are_found_by_name(made, tmp_path):
    code, text = run("pip", "install", "-q", "--no-deps", "--no-build-isolation", "--no-index", "--target", tmp_path,
                     *(made / k for k in KINDS), where=made)  # fmt: skip
    assert code == 0, text
    code, text = run("phosphene_registry.main", "check", *(f"tried_{k}" for k in KINDS), where=made, path=[tmp_path])
    assert code == 0, text
    assert "6 of 6 hold" in text


def test_the_command(tmp_path):
    code, text = run("phosphene_registry.main", "new", "soft-slope", "--kind", "layer", where=tmp_path)
    assert code == 0, text
    assert "Next: pip install -e phosphene-soft-slope && phosphene check soft_slope" in text
    code, text = run("phosphene_registry.main", "new", "soft-slope", "--kind", "layer", where=tmp_path)
    assert (code, text) == (2, "phosphene: phosphene-soft-slope is there already and not empty; name another folder with -o\n")


@pytest.mark.parametrize("name", ["Soft", "2d", "a__b", "", "soft slope", "class", "plugin", "ü", "a" * 31])
def test_names_that_cannot_be(name):
    with pytest.raises(PhospheneError, match=r"no name for a plugin|cannot be called|too long"):
        Name(name)


def test_names_that_are_taken(tmp_path):
    registry = Registry()
    with pytest.raises(PhospheneError, match=r"there is a technique 'saliency' already, from saliency \(phosphene-saliency\)"):
        Name("saliency").check_free("technique", registry)
    with pytest.raises(PhospheneError, match=r"there is a plugin 'core' \(phosphene_core\) already"):
        Name("core").check_free("layer", registry)
    with pytest.raises(PhospheneError, match="the class would be called Layer, as something that it uses"):
        write(Name("layer"), "layer", tmp_path / "x")
    Name("soft_slope").check_free("layer", registry)
