"""Real processes: the command as a user runs it, over the stub plugin or over what is installed."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

WITH_STUB = Path(__file__).parent / "with_stub.py"


@pytest.fixture
def command():
    """What starts the command over the stub plugin."""
    return [sys.executable, str(WITH_STUB)]


@pytest.fixture
def stubbed(tmp_path, command):
    """`stubbed("run", "stub_map", ...)`: the command over the stub plugin, in an empty folder."""

    def run(*arguments, **settings):
        return subprocess.run(
            [*command, *map(str, arguments)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
            **settings,
        )

    return run


@pytest.fixture
def installed(tmp_path):
    """`installed("plugins", path=folder)`: the installed command; `path` is searched for further distributions."""

    def run(*arguments, path=None, **environment):
        command = [sys.executable, "-m", "phosphene_registry.main", *map(str, arguments)]
        more = {"PYTHONPATH": str(path)} if path else {}
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300,
                              env={**os.environ, **more, **environment})  # fmt: skip

    return run


@pytest.fixture(scope="session")
def photograph(tmp_path_factory):
    """A photograph of 90x60 pixels as a JPEG."""
    path = tmp_path_factory.mktemp("pictures") / "photo.jpg"
    y, x = np.mgrid[0:1:60j, 0:1:90j]
    Image.fromarray((255 * np.stack([x, y, 0.5 + 0.5 * np.sin(7 * x * y)], axis=2)).astype(np.uint8)).save(
        path, quality=95
    )
    return path
