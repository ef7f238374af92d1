"""Builds every distribution as a wheel and installs each into an empty environment with only what it declares."""

import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PIP = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
ROOT = Path(__file__).parent.parent


def members() -> list[Path]:
    return [ROOT / "corelib", ROOT / "registry", *sorted(p.parent for p in ROOT.glob("plugins/*/pyproject.toml"))]


def build(member: Path, wheels: Path) -> None:
    subprocess.run([*PIP, "wheel", "--no-deps", "--no-build-isolation", "-w", str(wheels), str(member)], check=True)


def try_alone(member: Path, wheels: Path, folder: Path) -> str:
    """Install one wheel with what it declares (ours from `wheels`) and import every module that it brings."""
    name = tomllib.loads((member / "pyproject.toml").read_text())["project"]["name"]
    target = folder / name
    own = [*PIP, "install", "--target", str(target), "--find-links", str(wheels), name]
    subprocess.run(own, check=True, stderr=subprocess.DEVNULL)
    module = name.replace("-", "_")
    code = (
        "import importlib, pkgutil, sys; sys.path.insert(0, sys.argv[1]); m = importlib.import_module(sys.argv[2]);"
        "[importlib.import_module(x.name) for x in pkgutil.walk_packages(m.__path__, m.__name__ + '.')"
        " if not x.name.rsplit('.', 1)[-1].startswith(('test', '__main__'))]"
    )
    subprocess.run([sys.executable, "-I", "-S", "-c", code, str(target), module], check=True)
    return name


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        wheels = Path(folder) / "wheels"
        list(pool.map(lambda m: build(m, wheels), members()))
        for name in pool.map(lambda m: try_alone(m, wheels, Path(folder)), members()):
            print(f"{name}: builds, installs alone, imports")


if __name__ == "__main__":
    main()
