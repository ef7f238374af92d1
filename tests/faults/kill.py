"""Kills training runs (SIGKILL) at random moments and resumes them: each must end as the run that was never stopped.

`python tests/faults/kill.py --kills 200 --seed 0 [--kind captioner]`: kills spread over as many runs as it takes; a line
per fault.
"""

import argparse
import hashlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUN = Path(__file__).with_name("run.py")
EVERY = 3
"""How often `run.trainer` writes a checkpoint, in steps; an epoch of 5 steps ends with one too."""


def digest(folder: Path) -> dict[str, str]:
    """The bytes of everything that a run leaves, by name."""
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir())}


def start(folder: Path, kind: str, slow: float) -> subprocess.Popen[str]:
    """A run in a process of its own; its lines say where it stands."""
    arguments = [sys.executable, str(RUN), str(folder), "--kind", kind, "--slow", str(slow)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def killed_run(folder: Path, kind: str, kills: int, chance: random.Random, slow: float = 0.002) -> list[str]:
    """One run, killed up to so many times and resumed until it is done; what went wrong."""
    faults: list[str] = []
    reached = 0
    while True:
        process = start(folder, kind, slow)
        assert process.stdout is not None
        assert process.stderr is not None
        first = process.stdout.readline()
        if not first.startswith("from "):
            return [*faults, f"it does not start again: {process.stderr.read().strip()[-300:]}"]
        resumed = int(first.split()[1])
        if resumed < reached - EVERY:
            faults.append(f"went back to step {resumed} from {reached}: more than the steps since a checkpoint")
        if kills:
            kills -= 1
            time.sleep(chance.random() ** 2 * 0.15)  # any moment: in a step, in the middle of writing, at the very end
            os.kill(process.pid, signal.SIGKILL)
        lines, errors = process.communicate()
        steps = [int(line.split()[1]) for line in lines.splitlines() if line.startswith("step ")]
        reached = max([reached, *steps])
        if lines.endswith("done\n"):
            return faults
        if process.returncode != -signal.SIGKILL:
            return [*faults, f"ended with {process.returncode}: {errors.strip()[-300:]}"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--each", type=int, default=8, help="kills of one run")
    parser.add_argument("--kind", choices=("classifier", "captioner"), default="classifier")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    chance = random.Random(asked.seed)
    with tempfile.TemporaryDirectory() as around:
        whole = Path(around) / "whole"
        killed_run(whole, asked.kind, 0, chance)
        expected, done, bad = digest(whole), 0, 0
        for run in range(-(-asked.kills // asked.each)):
            folder = Path(around) / f"run{run}"
            count = min(asked.each, asked.kills - done)
            faults = killed_run(folder, asked.kind, count, chance)
            if digest(folder) != expected:
                faults.append(f"ended otherwise: {digest(folder)} rather than {expected}")
            done += count
            bad += bool(faults)
            for fault in faults:
                print(f"run {run}: {fault}")
    print(f"{done} kills in {run + 1} runs; {bad} runs with faults")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
