"""The stub plugin, and a registry that holds it alone."""

import importlib.util
import sys
from pathlib import Path

import pytest

from phosphene_registry import Registry

STUB = Path(__file__).parent / "stub" / "phosphene_stub.py"


@pytest.fixture(scope="session")
def stub():
    if "phosphene_stub" not in sys.modules:
        spec = importlib.util.spec_from_file_location("phosphene_stub", STUB)
        sys.modules["phosphene_stub"] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules["phosphene_stub"]


@pytest.fixture
def registry(stub):
    return Registry([stub], discover=False)
