"""Executes notebooks, which are kept as text, from top to bottom, and writes what came of them. `make notebooks` calls this.

usage: notebooks.py OUT NOTEBOOK.py...

OUT gets NAME.ipynb, executed, and NAME.html of each. A cell that fails ends it with the cell's traceback.
"""

import importlib.util
import subprocess
import sys
import time
import tomllib
from pathlib import Path

NEEDED = ("jupytext", "nbclient", "nbconvert", "ipykernel", "matplotlib")


def install() -> None:
    """The dependency group `notebooks`, unless it is there."""
    if any(importlib.util.find_spec(name) is None for name in NEEDED):
        group = tomllib.loads(Path("pyproject.toml").read_text())["dependency-groups"]["notebooks"]
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *group], check=True)


def main() -> int:
    install()
    import jupytext
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError
    from nbconvert import HTMLExporter

    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    for path in map(Path, sys.argv[2:]):
        started = time.monotonic()
        notebook = jupytext.read(path, fmt="py:percent")
        client = NotebookClient(notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(out)}})
        try:
            client.execute()
        except CellExecutionError as error:
            print(f"{path}: {error}", file=sys.stderr)
            return 1
        jupytext.write(notebook, out / f"{path.stem}.ipynb")
        (out / f"{path.stem}.html").write_text(HTMLExporter().from_notebook_node(notebook)[0], encoding="utf-8")
        print(f"{path}: {time.monotonic() - started:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
