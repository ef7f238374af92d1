"""Captioners of a few drawn sizes; sizes.py alone tries as many as you like."""

import subprocess
import sys
from pathlib import Path


def test_compiled_kernels_are_the_twins_at_any_size() -> None:
    script = Path(__file__).parent / "sizes.py"
    done = subprocess.run([sys.executable, script, "--count", "6"], capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "6 sizes, each 3 times: 0 wrong" in done.stdout
