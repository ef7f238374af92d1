"""Executes notebooks, which are kept as text, from top to bottom, and writes what came of them. `make notebooks` calls this.

usage: notebooks.py OUT NOTEBOOK.py...

OUT gets NAME.ipynb, executed, and NAME.html of each. A cell that fails ends it with the cell's traceback.
"""

import os
import sys
import time
from pathlib import Path

import jupytext
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter


def main() -> int:
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    for path in map(Path, sys.argv[2:]):
        started, before = time.monotonic(), os.times()
        notebook = jupytext.read(path, fmt="py:percent")
        client = NotebookClient(notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(out)}})
        try:
            client.execute()
        except CellExecutionError as error:
            print(f"{path}: {error}", file=sys.stderr)
            return 1
        jupytext.write(notebook, out / f"{path.stem}.ipynb")
        (out / f"{path.stem}.html").write_text(HTMLExporter().from_notebook_node(notebook)[0], encoding="utf-8")
        after = os.times()
        computing = after.children_user + after.children_system - before.children_user - before.children_system
        print(f"{path}: {time.monotonic() - started:.0f} s, {computing:.0f} s of computing", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
