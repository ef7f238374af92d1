"""Builds every distribution as a wheel, and tries each with only what it declares; then all in an empty environment.

usage: packages.py   (in the environment that `make` sets up: what builds need is there)

1. Every member of the workspace and the two strangers' plugins under docs/examples become wheels.
2. What they declare of others comes into the same folder, once.
3. Each member imports every module of its own in a process that sees its wheel, what that declares, and nothing else.
4. An empty environment gets `phosphene` and the strangers' plugins from the wheels alone: every plugin works, and the
   strangers' keep their contracts and pass their own tests.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
import venv
import zipfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import Distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
STRANGERS = sorted(p.parent for p in ROOT.glob("docs/examples/*/pyproject.toml"))
PIP = ["-m", "pip", "--quiet", "--disable-pip-version-check"]
IMPORT_ALL = """
import importlib, pkgutil, sys
module, *path = sys.argv[1:]
sys.path += path
top = importlib.import_module(module)
for found in pkgutil.walk_packages(top.__path__, module + "."):
    if not found.name.endswith("__main__"):
        importlib.import_module(found.name)
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        wheels = Path(folder) / "wheels"
        everything = [*members(), ROOT, *STRANGERS]
        list(pool.map(lambda member: build(member, wheels), everything))
        say(f"{len(everything)} wheels are built")
        gather(wheels)
        unpacked = unpack(wheels, Path(folder) / "unpacked")
        each(pool.map, lambda member: try_alone(member, unpacked), members())
        try_together(wheels, Path(folder))
    say("PASS")


def say(line: str) -> None:
    print(f"packages: {line}", flush=True)


def each(run: Callable[..., Iterable[str]], function: Callable[[Path], str], items: list[Path]) -> None:
    for wrong in filter(None, run(function, items)):
        sys.exit(f"packages: {wrong}")
    say(f"each of {len(items)} imports whole with what it declares")


def members() -> list[Path]:
    return [ROOT / "corelib", ROOT / "registry", *sorted(p.parent for p in ROOT.glob("plugins/*/pyproject.toml"))]


def build(member: Path, wheels: Path) -> None:
    """A wheel. What `make` compiled is used again: only files that have changed are compiled."""
    how = ["--config-settings=build-dir=build/make"] if (member / "meson.build").exists() else []
    command = [sys.executable, *PIP, "wheel", "--no-deps", "--no-build-isolation", "-w", str(wheels), *how, str(member)]
    subprocess.run(command, check=True, cwd=member)


def gather(wheels: Path) -> None:
    """What the wheels need of others, and pytest for the strangers' tests, into the same folder."""
    ours = map(str, wheels.glob("*.whl"))  # as files: no index is asked for a distribution of our name
    command = ["download", "-d", str(wheels), "--prefer-binary", "pytest>=8", *ours]
    subprocess.run([sys.executable, *PIP, *command], check=True)


def unpack(wheels: Path, folder: Path) -> dict[str, Path]:
    """Distribution -> the folder in which its wheel lies open."""
    found = {}
    for wheel in wheels.glob("*.whl"):
        name = canonicalize_name(wheel.name.split("-")[0])
        zipfile.ZipFile(wheel).extractall(folder / name)
        found[str(name)] = folder / name
    return found


def project(member: Path) -> dict[str, object]:
    return tomllib.loads((member / "pyproject.toml").read_text())["project"]


def needs(name: str, unpacked: dict[str, Path], seen: set[str]) -> set[str]:
    """A distribution and all that it declares, and so on."""
    if name in seen:
        return seen
    seen.add(name)
    own = next(iter(unpacked[name].glob("*.dist-info")))
    for line in Distribution.at(own).requires or ():
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            needs(canonicalize_name(requirement.name), unpacked, seen)
    return seen


def try_alone(member: Path, unpacked: dict[str, Path]) -> str:
    """What is wrong with a member that sees only what it declares; nothing if it imports whole."""
    name = str(project(member)["name"])
    path = [str(unpacked[n]) for n in sorted(needs(name, unpacked, set()))]
    command = [sys.executable, "-I", "-S", "-c", IMPORT_ALL, name.replace("-", "_"), *path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return f"{name} alone: {done.stderr.strip().splitlines()[-1]}" if done.returncode else ""


def try_together(wheels: Path, folder: Path) -> None:
    """An empty environment, `phosphene` and the strangers' plugins from the wheels, and their tests."""
    venv.create(folder / "env", with_pip=False, symlinks=True)
    python = folder / "env" / "bin" / "python"
    strangers = [str(project(s)["name"]) for s in STRANGERS]
    install = ["--python", str(python), "install", "--no-index", "--find-links", str(wheels), "phosphene", "pytest"]
    subprocess.run([sys.executable, *PIP, *install, *strangers], check=True)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    command = [str(folder / "env" / "bin" / "phosphene")]
    listed = subprocess.run([*command, "plugins", "--json"], check=True, capture_output=True, env=environment, cwd=folder)
    for plugin in json.loads(listed.stdout):
        if plugin["state"] != "ok":
            sys.exit(f"packages: installed together, {plugin['name']} is {plugin['state']}: {plugin['reason']}")
    names = [next(iter(project(s)["entry-points"]["phosphene.plugins"])) for s in STRANGERS]  # type: ignore[index]
    subprocess.run([*command, "check", *names], check=True, env=environment, cwd=folder)
    for stranger in STRANGERS:
        shutil.copytree(stranger / "tests", folder / "tests" / stranger.name)
    subprocess.run([str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", "--import-mode=importlib", "tests"],
                   check=True, env=environment, cwd=folder)  # fmt: skip
    say(f"an empty environment runs phosphene, {' and '.join(strangers)}, all from wheels")


if __name__ == "__main__":
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # meson, ninja, cython
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"packages: failed: {' '.join(map(str, error.cmd))[:300]}")
