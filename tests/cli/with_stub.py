"""The command line over a registry that holds the stub plugin alone; run as a process of its own by the tests."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "registry" / "tests" / "stub"))

import phosphene_stub
from phosphene_registry import Registry
from phosphene_registry.main import main

main(registry=Registry([phosphene_stub], discover=False))
