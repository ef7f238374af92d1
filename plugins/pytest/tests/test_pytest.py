"""The pytest plugin, in a pytest of its own."""

import os
import subprocess
import sys

USE = """
import numpy as np, pytest
from phosphene_core import Layer
from phosphene_core.testing import contracts
import phosphene_saliency.plugin as plugin

def test_registry(registry):
    assert "saliency" in registry.catalogue["technique"]

def test_model(tiny_model, sample_pictures):
    images = tiny_model.preprocess(list(sample_pictures))
    assert tiny_model.predict(images).shape == (3, 5)

@pytest.mark.parametrize("contract", contracts(plugin), ids=str)
def test_contract(contract):
    contract.check()
"""
OWN = """
import sys, pytest

@pytest.fixture
def registry():
    return "mine"

def test_own_fixture_goes_before(registry):
    assert registry == "mine"

def test_nothing_slow_is_imported():
    assert not [m for m in ("numpy", "phosphene_core", "phosphene_registry") if m in sys.modules]
"""


def test_fixtures_and_table_work_and_cost_nothing_to_others(tmp_path):
    def run(name, text):
        (tmp_path / name).write_text(text)
        environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # ours alone: others may import numpy
        command = [sys.executable, "-m", "pytest", "-p", "phosphene_pytest", "-v", "-p", "no:cacheprovider", name]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env=environment)

    used = run("test_use.py", USE)
    assert used.returncode == 0, used.stdout
    assert "test_contract[technique saliency] PASSED" in used.stdout
    alone = run("test_own.py", OWN)
    assert alone.returncode == 0, alone.stdout
