"""What a student writes is a plugin of Phosphene, held to the same contracts as any other."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from phosphene_assignment.starting import lay_out

SOLVED = Path(__file__).parent / "solved"


def test_it_registers_layers_and_techniques_and_a_wrong_gradient_breaks_the_contract(tmp_path):
    lay_out(tmp_path)
    shutil.copytree(SOLVED, tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    layers = tmp_path / "assignment3" / "lstm_layers.py"
    layers.write_text(layers.read_text().replace("dWx += dwx", "dWx = dwx"))
    command = [sys.executable, "-m", "phosphene_registry.main", "-p", "assignment3.plugin", "check", "assignment3.plugin", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path)})
    assert done.returncode == 1, done.stderr
    lines = done.stdout.replace('"', "")
    assert [lines.count(f"name: {n}") for n in ("my_rnn", "my_lstm", "my_saliency", "my_deepdream")] == [1, 1, 1, 1]
    assert lines.count("state: ok") == 3
    assert "gradient of Wx, by central differences" in lines
