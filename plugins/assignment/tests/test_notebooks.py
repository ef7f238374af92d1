"""The students' notebooks, as they are laid out, from top to bottom over a solved assignment. `make notebooks` runs this."""

import os
import shutil
from pathlib import Path

import pytest

from phosphene_assignment.starting import lay_out

SOLVED = Path(__file__).parent / "solved"
NOTEBOOKS = ("1_rnn_captioning", "2_lstm_captioning", "3_image_gradients", "4_image_generation", "5_something_extra")

pytestmark = pytest.mark.skipif("PHOSPHENE_THOROUGH" not in os.environ, reason="takes a minute; `make notebooks` runs it")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("assignment")
    lay_out(made)
    shutil.copytree(SOLVED / "assignment3", made / "assignment3", dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    return made


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_solved_assignment_goes_through(name, folder):
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(folder / "notebooks" / f"{name}.ipynb", 4)
    NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(folder / "notebooks")}}).execute()
    pictures = [o for c in notebook.cells for o in c.get("outputs", []) if "image/png" in o.get("data", {})]
    assert pictures, "it draws"
    nbformat.write(notebook, folder / "notebooks" / f"{name}.ipynb")


def test_an_unwritten_function_ends_the_notebook_with_its_name(tmp_path):
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    lay_out(tmp_path)
    notebook = nbformat.read(tmp_path / "notebooks" / "3_image_gradients.ipynb", 4)
    with pytest.raises(CellExecutionError, match="compute_saliency_maps"):
        NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(tmp_path / "notebooks")}}).execute()
