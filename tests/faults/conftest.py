"""The tiny training run of `run.py`, for the tests beside it."""

import importlib.util
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def run():
    """The module `run.py`."""
    spec = importlib.util.spec_from_file_location("faults_run", Path(__file__).with_name("run.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
