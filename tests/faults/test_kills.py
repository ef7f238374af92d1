"""A few kills of training runs; the long run is `kill.py --kills 200`."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize(("kind", "kills"), [("classifier", "3"), ("captioner", "2")])
def test_killed_runs_end_as_the_run_that_was_never_stopped(kind, kills):
    script = str(Path(__file__).with_name("kill.py"))
    command = [sys.executable, script, "--kind", kind, "--kills", kills, "--each", "3", "--seed", "4"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
