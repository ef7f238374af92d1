"""Where there is a compiler, every plugin with kernels has them: a mistake in C must not pass for a machine without one."""

import importlib
import shutil
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PLUGINS = sorted(p.parent.name for p in ROOT.glob("plugins/*/meson.build"))
BUILDS = shutil.which("cc") is not None and (Path(sysconfig.get_paths()["include"]) / "Python.h").exists()


def test_plugins_with_kernels_are_found():
    assert {"conv", "dense", "rnn", "lstm", "gru", "optimizers", "resampling"} <= set(PLUGINS)


@pytest.mark.skipif(not BUILDS, reason="needs a C compiler and Python.h")
@pytest.mark.parametrize("plugin", PLUGINS)
def test_kernels_are_compiled_and_load(plugin):
    importlib.import_module(f"phosphene_{plugin}._kernels")
