"""Makes the virtual environment and installs every member of the workspace in it, editable. `make` calls this.

usage: set_up.py VENV MEMBER...
       set_up.py --group NAME VENV     (add one of the groups that not everybody needs: docs, ...)
"""

import hashlib
import json
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

EVERYBODY = ("build", "test", "check", "demo")
"""The dependency groups that every environment gets; the others come when they are asked for."""


def say(line: str) -> None:
    print(f"set-up: {line}", flush=True)


def make_environment(venv: Path) -> list[str]:
    """The environment's pip, as a command; works where Debian's python3-venv is missing too."""
    python = venv / "bin" / "python"
    if not python.exists():
        say(f"making {venv} with Python {sys.version.split()[0]}")
        made = subprocess.run([sys.executable, "-m", "venv", str(venv)], capture_output=True, text=True)
        if made.returncode:
            subprocess.run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(venv)], check=True)
            subprocess.run([sys.executable, "-m", "pip", "-q", "--python", str(python), "install", "pip"], check=True)
    return [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]


def compiled(member: str) -> bool:
    return (Path(member) / "meson.build").exists()


def fingerprint(member: str) -> str:
    """A hash of what would make another install of a member: its pyproject.toml, and all that its kernels are made of."""
    files = [Path(member) / "pyproject.toml"]
    if compiled(member):
        own = (p for p in Path(member).rglob("*") if not {"build", "tests", "__pycache__"} & set(p.parts))
        files += [*own, *(p for p in Path("corelib").rglob("native/*") if p.suffix in (".c", ".h", ".pxi"))]
    digest = hashlib.sha256()
    for file in sorted(f for f in files if f.is_file() and f.suffix != ".md"):
        digest.update(str(file).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def install(pip: list[str], venv: Path, members: list[str]) -> None:
    """Install the members that are not yet there as they now are."""
    record = venv / "members.json"
    there = json.loads(record.read_text()) if record.exists() else {}
    prints = {m: fingerprint(m) for m in members}
    changed = [m for m in members if there.get(m) != prints[m]]
    if not changed:
        return
    say(f"installing {len(changed)} members; kernels are compiled once, which takes a minute or two")
    # Those with kernels are installed as built: meson-python's editable ones would rebuild on import, and processes that
    # start together race for that. `make` comes back here when one of their files has changed.
    editable = [part for m in changed if not compiled(m) for part in ("-e", f"./{m}")]
    options = ["--no-build-isolation", "--config-settings=build-dir=build/make"]
    if "corelib" in changed:
        subprocess.run([*pip, *options, "-e", "./corelib"], check=True)  # kernels are built against it
    subprocess.run([*pip, *options, *editable, *(f"./{m}" for m in changed if compiled(m))], check=True)
    record.write_text(json.dumps(prints, indent=1))


def main() -> int:
    if sys.version_info < (3, 11):  # noqa: UP036 - whoever runs make may have an older one
        say(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]} (try: make PYTHON=python3.12)")
        return 1
    groups = tomllib.loads(Path("pyproject.toml").read_text())["dependency-groups"]
    if sys.argv[1] == "--group":
        name, venv = sys.argv[2], Path(sys.argv[3])
        subprocess.run([*make_environment(venv), *groups[name]], check=True)
        return 0
    venv, members = Path(sys.argv[1]), sys.argv[2:]
    if not (Path(sysconfig.get_paths()["include"]) / "Python.h").exists():
        say("Python.h is missing (Debian: apt install python3-dev): the kernels will be the slow numpy ones")
    pip = make_environment(venv)
    say("installing the build tools")
    subprocess.run([*pip, *(p for g in EVERYBODY for p in groups[g])], check=True)
    install(pip, venv, members)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as error:
        say(f"failed: {' '.join(map(str, error.cmd))[:200]}")
        sys.exit(1)
